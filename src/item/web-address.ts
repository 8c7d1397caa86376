import { z } from 'zod';

const longest = 2_048;

/**
 * An https address as browsers read it (WHATWG URL), in the form that browsers give it: an address in Persian is percent-encoded
 * with its joiners, `https://News.example` becomes `https://news.example/`. Refused are parts whose meaning a browser would change
 * silently: a backslash (which it reads as a slash), spaces and controls (which it drops in some places), and a user name. Refused
 * are also invisible characters other than joiners: copying leaves them, or they deceive. Percent-encoded (%E2%80%AE) they pass.
 */
export const webAddress = z
  .string()
  .meta({ format: 'uri', maxLength: longest, description: 'An https address' })
  .transform((raw, context) => {
    const read = readAddress(raw);
    if ('href' in read) return read.href;
    context.addIssue({ code: 'custom', message: read.fault, input: undefined });
    return z.NEVER;
  });

function readAddress(raw: string): { readonly href: string } | { readonly fault: string } {
  if (raw.length > longest) return { fault: 'must have at most 2,048 characters' };
  if (!raw.isWellFormed() || /[\\\p{Cc}\p{Z}]|(?![\u200C\u200D])\p{Cf}/u.test(raw))
    return {
      fault:
        'must not have a backslash, a space, a control or an invisible character; percent-encode what is meant, such as %5C or %20',
    };
  if (!/^https:\/\/[^/?#]/i.test(raw) || !URL.canParse(raw))
    return { fault: 'must be an https address, such as https://news.example/story' };
  const { href, username, password } = new URL(raw);
  if (username !== '' || password !== '') return { fault: 'must not have a user name or a password' };
  return href.length <= longest ? { href } : { fault: 'must have at most 2,048 characters when it is percent-encoded' };
}
