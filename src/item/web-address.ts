import { z } from 'zod';

const longest = 2_048;

/**
 * An https address as browsers read it (WHATWG URL), in the form that they make of it: an address in Persian with its joiners is
 * percent-encoded, `https://News.example` gets its small letters and its slash. Refused is what a browser would silently
 * change the meaning of: a backslash (a slash to it), spaces and controls (dropped or not, by place), a user name. Refused too are
 * characters that nobody sees (left by copying, or meant to deceive), but for the joiners: whoever means one can write it as %E2%80%AE.
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
