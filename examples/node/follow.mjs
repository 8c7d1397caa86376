// node examples/node/follow.mjs [edition] [section=politics] [region=europe] [topic=talks]
// The server is FLASHWIRE_URL, or http://127.0.0.1:8080. Needs `npm run build` before.
import { connectFeed, lineOf } from '../../dist/sdk/index.js';

const [edition = 'en', ...wanted] = process.argv.slice(2);
const usage = 'usage: node examples/node/follow.mjs [edition] [section=politics] [region=europe] [topic=talks]';
if (edition.startsWith('-')) end(usage);
const filter = { sections: [], regions: [], topics: [] };
for (const word of wanted) {
  const [, name, value] = /^(section|region|topic)=(.+)$/.exec(word) ?? end(usage);
  filter[`${name}s`].push(value);
}

connectFeed({
  url: process.env.FLASHWIRE_URL ?? 'http://127.0.0.1:8080',
  edition,
  filter,
  onItems: () => {},
  onState: ({ type }) => console.error(`(${type})`),
  onFrame(frame) {
    if (frame.type === 'snapshot') for (const item of frame.items.toReversed()) print('', item);
    if (frame.type === 'item') print(frame.change, frame.item);
    if (frame.type === 'removal') say(`${frame.reason}: ${frame.notice ?? frame.id}`);
  },
});

function print(change, item) {
  const mark = change === '' || change === 'new' ? '' : `${change}: `;
  say(mark + (item.status === 'usable' ? lineOf(item) : (item.notice ?? item.id)));
}

/** Removes characters that a terminal would execute: the text comes from other people. */
function say(line) {
  console.log(line.replace(/[\p{Cc}\u202A-\u202E]/gu, ' '));
}

function end(line) {
  console.error(line);
  process.exit(2);
}
