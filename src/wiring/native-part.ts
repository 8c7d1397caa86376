import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { SendAll } from '../fanout/reader/send-batch.ts';
import { type Config, ConfigError } from '../ops/config.ts';

/** The built native part; tests run from the sources. */
export const nativeFile = fileURLToPath(
  new URL(`${import.meta.url.endsWith('.ts') ? '../../dist' : '../..'}/native/send-frames.node`, import.meta.url),
);

/** How frames leave a process, and why that way. */
export interface FramePath {
  /** Null: Node writes every frame. */
  readonly sendAll: SendAll | null;
  readonly why: string;
}

/** Loads the native part if the setting allows it. Throws a ConfigError if the setting requires it and it cannot be loaded. */
export function chooseFramePath(setting: Config['FLASHWIRE_NATIVE'], file = nativeFile): FramePath {
  if (setting === 'off') return { sendAll: null, why: 'FLASHWIRE_NATIVE is off' };
  const loaded = load(file);
  if (typeof loaded === 'function') return { sendAll: loaded, why: `FLASHWIRE_NATIVE is ${setting}` };
  if (setting === 'auto') return { sendAll: null, why: loaded };
  const remedy = process.platform === 'linux' ? `${buildIt}, or set it to auto` : 'set it to auto';
  throw new ConfigError(`FLASHWIRE_NATIVE: is require, but ${loaded}; ${remedy}`);
}

const buildIt = 'install a C compiler that is called cc (Debian: apt install gcc libc6-dev) and run npm run build';

/** The function, or why there is none. */
function load(file: string): SendAll | string {
  if (process.platform !== 'linux') return 'the native part is for Linux only';
  if (!existsSync(file)) return `the native part is not built (there is no ${file})`;
  try {
    const { sendAll }: { readonly sendAll?: unknown } = createRequire(import.meta.url)(file);
    return typeof sendAll === 'function' ? (sendAll as SendAll) : `${file} is not the native part`;
  } catch (error) {
    const [line = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return `the native part cannot be loaded (${line})`;
  }
}
