// Plays the news day on the real desk page, with the desk's own keyboard shortcuts.
const { keys } = await (await fetch('/demo/stage.json')).json();

const clock = document.querySelector('#clock');
const caption = document.querySelector('#caption');
const bar = document.querySelector('header');
const again = document.querySelector('#again');

/** From the kill of Redis until it starts again, at least. */
const redisDownMs = 8_000;
/** `npm run demo -- --stills` sets a global function that takes a screenshot. */
const isFilmed = 'takeStill' in globalThis;
const takeStill = isFilmed ? globalThis.takeStill : async () => undefined;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let startedAt = performance.now();

/** The desk of one editor. Each run opens a new one, so that it starts without state. */
async function openDesk() {
  const frame = document.createElement('iframe');
  frame.title = 'The desk';
  frame.src = `/desk#key=${keys.sam}`;
  document.querySelector('#desk').replaceChildren(frame);
  await when(() => frame.contentDocument?.querySelector('.composer textarea'));
  return frame.contentDocument;
}

async function when(find) {
  for (const end = performance.now() + 60_000; performance.now() < end; await pause(50)) {
    const found = find();
    if (found) return found;
  }
  throw new Error(`the step at ${document.documentElement.dataset.act} s timed out waiting for ${find}`);
}

function fill(box, text) {
  const { prototype } =
    box.ownerDocument.defaultView[
      box instanceof box.ownerDocument.defaultView.HTMLTextAreaElement ? 'HTMLTextAreaElement' : 'HTMLInputElement'
    ];
  Object.getOwnPropertyDescriptor(prototype, 'value').set.call(box, text);
  box.dispatchEvent(new box.ownerDocument.defaultView.Event('input', { bubbles: true }));
}

function press(target, code, key, more = {}) {
  const { KeyboardEvent } = target.ownerDocument.defaultView;
  target.dispatchEvent(new KeyboardEvent('keydown', { code, key, bubbles: true, cancelable: true, ...more }));
}

async function type(box, text, delay = 45) {
  box.focus({ preventScroll: true });
  for (let end = 1; end <= text.length; end++) {
    fill(box, text.slice(0, end));
    await pause(delay);
  }
}

/** Types a line, presses Enter for the preview, and Enter again to send it. A flash is sent with Ctrl+Enter. */
async function post(desk, line, { flash = false, look = 1_800 } = {}) {
  const box = desk.querySelector('.composer textarea');
  desk.defaultView.scrollTo({ top: 0 });
  await type(box, line);
  if (flash) press(box, 'Digit1', '1', { altKey: true });
  press(box, 'Enter', 'Enter');
  await when(() => desk.querySelector('.review'));
  await pause(look);
  if (flash) await takeStill('flash', '.consequence');
  press(box, 'Enter', 'Enter', { ctrlKey: flash });
}

/** Ids of items from an earlier run. */
let old = new Set();
const rows = (desk) => [...desk.querySelectorAll('.item')];
const rowOf = (desk, text) => rows(desk).find((row) => !old.has(row.dataset.id) && row.textContent.includes(text));

/** Focuses the item with this text, once it is published. */
async function focusRow(desk, text) {
  const row = () => (rowOf(desk, text)?.matches('.published, .withheld') ? rowOf(desk, text) : null);
  const shown = await when(row);
  shown.focus();
  shown.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
  await pause(600);
  return when(row);
}

/** Presses a button of the item with this text, once it is there. */
const pressButton = async (desk, text, selector) =>
  (await when(() => rowOf(desk, text)?.querySelector(`${selector}:not([aria-disabled=true])`))).click();

/** A field of the form that is open on the item with this text. */
const fieldOf = (desk, text, selector) => when(() => rowOf(desk, text)?.querySelector(selector));

/** Posts as an editor at another desk. */
async function elsewhere(who, body) {
  const answer = await fetch('/v1/items', {
    method: 'POST',
    headers: { authorization: `Bearer ${keys[who]}`, 'content-type': 'application/json', prefer: 'wait=5' },
    body: JSON.stringify({ urgency: 'urgent', ...body }),
  });
  if (!answer.ok) throw new Error(`${who} was refused: ${await answer.text()}`);
}

/** Asks the demo to kill Redis (SIGKILL) or to start it again. */
async function direct(what) {
  const answer = await fetch(`/demo/${what}`, { method: 'POST' });
  if (!answer.ok) throw new Error(`${what}: ${await answer.text()}`);
}

const isOut = (desk, text) => rowOf(desk, text)?.matches('.published');

const idOf = (desk, text) => rowOf(desk, text)?.dataset.id;

const firstPostAt = 3;
const acts = [
  [0, 'A news day in two minutes. Every line is invented; everything else is real.'],
  [
    firstPostAt,
    'One line. Enter shows the preview, Enter again sends it.',
    (desk) => post(desk, 'Harbour office: Bridge over the Velda closed after inspectors find cracks'),
  ],
  [
    16,
    'The Arabic and Spanish desks translate it. Each translation is linked to the version it translates.',
    async (desk) => {
      const id = await when(() => idOf(desk, 'Bridge over the Velda'));
      const translationOf = { id, version: 1 };
      await elsewhere('nour', {
        edition: 'ar',
        attribution: 'مكتب الميناء',
        headline: 'إغلاق جسر فيلدا بعد رصد تشققات',
        translationOf,
      });
      await pause(2_500);
      await elsewhere('luz', {
        edition: 'es',
        attribution: 'Oficina del puerto',
        headline: 'Cierran el puente del Velda tras hallar grietas',
        translationOf,
      });
    },
  ],
  [
    24,
    'A flash. Before Ctrl+Enter sends it, the desk shows how many readers will get it and what differs from the last line.',
    async (desk) => {
      await post(desk, 'Reuters: Central bank holds its key rate at 3.25%', { flash: true, look: 3_500 });
      await pause(4_000);
      const translationOf = { id: await when(() => idOf(desk, 'Central bank')), version: 1 };
      const urgency = 'flash';
      await elsewhere('luz', {
        edition: 'es',
        attribution: 'Reuters',
        headline: 'El banco central mantiene el tipo de interés en el 3,25 %',
        urgency,
        translationOf,
      });
      await elsewhere('nour', {
        edition: 'ar',
        attribution: 'رويترز',
        headline: 'البنك المركزي يُبقي سعر الفائدة عند 3.25%',
        urgency,
        translationOf,
      });
    },
  ],
  [
    38,
    'In a hurry: 214, or 241?',
    (desk) => post(desk, 'Port authority: Ferry with 214 aboard runs aground off the coast', { look: 900 }),
  ],
  [
    49,
    'It was 241. A correction says what was wrong, and reaches readers as fast as the line did.',
    async (desk) => {
      press(await focusRow(desk, 'Ferry with'), 'F2', 'F2');
      await type(
        await fieldOf(desk, 'Ferry with', 'textarea'),
        'Port authority: Ferry with 241 aboard runs aground off the coast',
        12,
      );
      const note = await fieldOf(desk, 'Ferry with', '[name=note]');
      await type(note, '241 aboard, not 214.');
      press(note, 'Enter', 'Enter', { ctrlKey: true });
      await when(() => isOut(desk, 'Ferry with 241'));
    },
  ],
  [
    64,
    'An editor has doubts. Delete hides the line on every screen, with proof of delivery, and keeps it for later.',
    async (desk) => {
      press(await focusRow(desk, 'Ferry with'), 'Delete', 'Delete');
      await pause(4_000);
      caption.textContent = 'The line was right. Undo shows it again, in its old place.';
      await pressButton(desk, 'Ferry with', '.undo-hide');
    },
  ],
  [
    74,
    'The bridge was never closed. A retraction removes the line permanently and shows a prepared notice in its place.',
    async (desk) => {
      await focusRow(desk, 'Bridge over');
      await pressButton(desk, 'Bridge over', '.retract');
      const reason = await fieldOf(desk, 'Bridge over', '[name=reason]');
      await type(reason, 'A drill of the harbour office');
      await pause(1_200);
      press(reason, 'Enter', 'Enter', { ctrlKey: true });
      await takeStill('retraction', '.item.retracted .reach.proven');
    },
  ],
  [
    88,
    'Now the worst case: Redis is killed.',
    async (desk) => {
      await pause(2_000);
      bar.classList.add('alarm');
      await direct('kill');
      const killedAt = performance.now();
      caption.textContent =
        'Redis is down. Tickers keep their lines and say “delayed”. The desk retries automatically.';
      await pause(1_500);
      await post(desk, 'AFP: Rescue boats reach the ferry', { look: 900 });
      await takeStill('redis-unreachable', '.outgoing .sending');
      await pause(killedAt + redisDownMs - performance.now());
      await direct('start');
      await when(() => isOut(desk, 'Rescue boats reach the ferry'));
    },
  ],
  [104, 'Redis is back. The waiting line is published, exactly once.', async () => bar.classList.remove('alarm')],
  [
    111,
    'One more thing: for three seconds, Escape stops a line.',
    async (desk) => {
      // Three seconds may be too few for a busy machine. Where the result is checked, another desk posts the line with a longer
      // hold. Posting and Escape at one desk have tests of their own.
      if (isFilmed)
        await elsewhere('sam', { edition: 'en', headline: 'A line that nobody should read', holdSeconds: 30 });
      else await post(desk, 'AFP: A line that nobody should read', { look: 600 });
      await when(() => desk.querySelector('.held li'));
      if (!isFilmed) await pause(600);
      press(desk.querySelector('.composer textarea'), 'Escape', 'Escape');
    },
  ],
  [121, 'Nothing lost, nothing twice, and every line can be retracted. Try the desk yourself.'],
];

async function play() {
  again.hidden = true;
  await direct('start'); // an earlier run may have ended while Redis was down
  const desk = await openDesk();
  startedAt = performance.now();
  for (const [second, words, act] of acts) {
    await pause(Math.max(0, startedAt + second * 1_000 - performance.now()));
    if (second === firstPostAt) old = new Set(rows(desk).map(({ dataset }) => dataset.id));
    caption.textContent = words;
    document.documentElement.dataset.act = String(second);
    await act?.(desk);
  }
  again.hidden = false;
  document.documentElement.dataset.act = 'over';
}

setInterval(() => {
  const seconds = Math.floor((performance.now() - startedAt) / 1_000);
  if (document.documentElement.dataset.act === 'over') return;
  clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}, 200);

again.addEventListener('click', () => location.reload());
try {
  await play();
} catch (error) {
  caption.textContent = `The demo failed: ${error.message}`;
  again.hidden = false;
  throw error;
}
