import { isUtf8 } from 'node:buffer';
import express, { type Request, type RequestHandler } from 'express';
import { ProblemError } from './http-problem.ts';

/** 32 kB, the limit of docs/desk-api.md. */
const maxBodyBytes = 32_768;

/** Reads a body of type application/json in UTF-8 (RFC 8259, 8.1). Any other body ends the request with 415, 413 or 400. */
export function jsonBody(): RequestHandler[] {
  return [
    requireJson,
    express.json({ limit: maxBodyBytes, strict: true, inflate: false, type: 'application/json', verify: requireUtf8 }),
  ];
}

function requireJson(request: Request, _response: unknown, next: () => void): void {
  const hasBody = request.get('transfer-encoding') !== undefined || Number(request.get('content-length') ?? 0) > 0;
  const [type, ...parameters] = (request.get('content-type') ?? '').split(';').map((part) => part.trim().toLowerCase());
  // Another charset could be decoded, but a proxy or firewall in front would not have understood the bytes.
  const isOtherCharset = parameters.some((part) => /^charset=/.test(part) && !/^charset="?utf-8"?$/.test(part));
  if (hasBody && (type !== 'application/json' || isOtherCharset))
    throw new ProblemError('unsupported-media-type', 'Send the body as content-type: application/json, in UTF-8.');
  next();
}

/** Without this check, invalid UTF-8 would be published as U+FFFD. */
function requireUtf8(_request: unknown, _response: unknown, bytes: Buffer): void {
  if (!isUtf8(bytes)) throw new ProblemError('bad-json', 'The body is not UTF-8.');
}
