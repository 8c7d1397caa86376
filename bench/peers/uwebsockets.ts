import { fileURLToPath } from 'node:url';
import { freePort } from '../process/free-port.ts';
import type { Peer } from './peer.ts';
import { askProgram, findProgram, startService } from './program.ts';

/** The build leaves Python where it is; tests run from the sources. */
const program = fileURLToPath(
  new URL(`${import.meta.url.endsWith('.ts') ? '../' : '../../../bench/'}native/uwebsockets.py`, import.meta.url),
);

/** uWebSockets (C++), which npm does not have, through PyPI's socketify: Python is called once a message. */
export const uWebSockets: Peer = {
  name: 'uwebsockets',
  label: 'uWebSockets through socketify (C++)',
  hasLog: false,
  ways: 'both',
  version: () =>
    askProgram('python3', ['-c', 'import importlib.metadata as m; print(m.version("socketify"))'])?.trim() ?? '',
  missing: () =>
    askProgram('python3', ['-c', 'import socketify']) === null
      ? 'a python3 on the PATH with socketify (pip install socketify)'
      : null,
  async start(options) {
    const port = await freePort();
    const { certificate } = options;
    return startService(
      {
        name: 'uwebsockets',
        command: findProgram('python3') ?? 'python3',
        args: [program, String(port), ...(certificate === null ? [] : [certificate.key, certificate.cert])],
        port,
        path: '/',
        dialect: 'plain',
        publish: (text) => ({ path: '/', body: text }),
      },
      options,
    );
  },
};
