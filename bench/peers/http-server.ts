import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';

/** A server with TLS when there are files of a key and a certificate. */
export function httpServer(keyFile: string | undefined, certificateFile: string | undefined): Server {
  if (keyFile === undefined || certificateFile === undefined) return createServer();
  return createSecureServer({ key: readFileSync(keyFile), cert: readFileSync(certificateFile) });
}
