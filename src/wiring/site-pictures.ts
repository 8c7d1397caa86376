import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Site, SiteIdentity } from '../item/site.ts';
import { ConfigError } from '../ops/config.ts';
import { type Picture, type Pictures, pictureEndings, pictureType } from '../ui/server/site/picture.ts';

/** More than a logo or a share picture has. It stays in memory. */
const longestBytes = 1_000_000;

/**
 * Reads the pictures that are files beside the configuration `file`, and puts their addresses in their places. Throws a
 * ConfigError for a logo, which readers would miss. Without another picture the site is whole: that one is left out, and
 * `onLeftOut` hears why.
 */
export function readPictures(
  site: Site,
  file: string,
  onLeftOut: (why: string) => void,
): { readonly site: Site; readonly pictures: Pictures } {
  const pictures = new Map<string, Picture>();
  const read = (place: string, name: string): string => {
    const refuse = (why: string) =>
      new ConfigError(
        `FLASHWIRE_CONFIG: ${file}: site.${place}: ${name} ${why}; name an SVG, PNG, WebP or JPEG file relative to that of the configuration, or an https address`,
      );
    if (name.startsWith('/') && existsSync(name))
      throw refuse('is a file of this computer, but a name that starts with / is a path on this host');
    if (/^(https:|\/)/.test(name)) return name;
    const picture = readPicture(resolve(dirname(file), name));
    if (typeof picture === 'string') throw refuse(picture);
    const path = `/site/${place.replace('.', '-')}.${pictureEndings[picture.type]}`;
    pictures.set(path, picture);
    return `${path}?v=${createHash('sha256').update(picture.bytes).digest('hex').slice(0, 8)}`;
  };
  const readOr = (place: string, name: string | undefined): string | undefined => {
    try {
      return name && read(place, name);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      onLeftOut(error.message);
      return undefined;
    }
  };
  const { logo, icon, image, publisher, ...rest } = site.site;
  const [ownIcon, ownImage] = [readOr('icon', icon), readOr('image', image)];
  const publisherLogo = readOr('publisher.logo', publisher?.logo);
  const identity: SiteIdentity = {
    ...rest,
    ...(logo && {
      logo: { light: read('logo.light', logo.light), ...(logo.dark && { dark: read('logo.dark', logo.dark) }) },
    }),
    ...(ownIcon && { icon: ownIcon }),
    ...(ownImage && { image: ownImage }),
    ...(publisher && {
      publisher: {
        ...(publisher.name !== undefined && { name: publisher.name }),
        ...(publisherLogo && { logo: publisherLogo }),
      },
    }),
  };
  return { site: { ...site, site: identity }, pictures };
}

/** The picture, or what is wrong with the file. */
function readPicture(path: string): Picture | string {
  try {
    const file = statSync(path);
    if (!file.isFile()) return 'is not a file';
    if (file.size > longestBytes) return `has ${file.size.toLocaleString('en')} bytes, at most 1,000,000 are allowed`;
    const bytes = readFileSync(path);
    const type = pictureType(bytes);
    return type ? { type, bytes } : 'is not a picture of a kind that browsers show';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
  }
}
