import { createHash } from 'node:crypto';

/** Lines of an archive with the end that belongs to them. */
export function sealed(lines: readonly string[]): string {
  const text = `${lines.join('\n')}\n`;
  const sha256 = createHash('sha256').update(text).digest('hex');
  return `${text}${JSON.stringify({ type: 'end', lines: lines.length, sha256 })}\n`;
}
