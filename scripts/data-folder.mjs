import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Stop } from './step.mjs';

/** Takes the data folder for this process alone. Throws a `Stop` that names whose it is. Returns what gives it back. */
export function lockFolder(folder) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'pid');
  for (;;) {
    try {
      const handle = openSync(file, 'wx', 0o644);
      writeSync(handle, String(process.pid));
      closeSync(handle);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const pid = Number(readFileSync(file, 'utf8'));
      if (pid > 0 && isAlive(pid))
        throw new Stop(
          `already running on ${folder} as pid ${pid}; stop that one first, or set FLASHWIRE_DATA_DIR to another folder.`,
        );
      rmSync(file, { force: true }); // left by one that was killed
    }
  }
}

/** The admin key in the data folder; made at the first start, readable by its owner only. */
export function keyIn(folder) {
  const file = join(folder, 'key');
  if (!existsSync(file))
    writeFileSync(file, `fw_${randomBytes(4).toString('hex')}_${randomBytes(32).toString('base64url')}\n`, {
      mode: 0o600,
      flag: 'wx',
    });
  return { file, key: readFileSync(file, 'utf8').trim() };
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
