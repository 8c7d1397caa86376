import { randomUUID } from 'node:crypto';
import { testKey } from '../../test/resources/flashwire.ts';
import type { History, OperationKind, Outcome } from '../checker/history.ts';
import { between, pause, pick } from '../fuzz/random.ts';

export interface NewsdeskOptions {
  readonly history: History;
  readonly random: () => number;
  readonly url: string;
  /** Whether readers have seen this version of an item, so that the next one may follow. */
  isSeen(id: string, version: number): boolean;
}

interface Known {
  readonly id: string;
  version: number;
  isHidden: boolean;
}

const patienceMs = 6_000;
const sections = ['politics', 'economy', 'sports'] as const;

/** What every headline looks like that it writes. */
export const headlineForm = /(?:Line|Corrected line) \d+/g;

/** A desk under way: posts, corrects, hides, releases and retracts, and asks again under the same key until it knows. */
export class Newsdesk {
  readonly #options: NewsdeskOptions;
  readonly #items: Known[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #operations = 0;
  #isOver = false;
  #loop: Promise<void> = Promise.resolve();
  /** When the last answer other than accepted came, and the last accepted one; ms of the history. */
  lastTroubleAt = -1;
  lastAcceptedAt = -1;

  constructor(options: NewsdeskOptions) {
    this.#options = options;
  }

  /** About so many requests a second, until `stop`. */
  start(perSecond: number): void {
    this.#isOver = false;
    this.#loop = this.#run(1_000 / perSecond);
  }

  /** Stops asking and waits until every request has its answer, or has asked in vain for so long that it is unknown. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#loop;
    await Promise.all(this.#underWay);
  }

  /** Forgets its items: Redis has lost them. */
  forget(): void {
    this.#items.length = 0;
  }

  /** Retracts the first line that all readers have and nobody hides; its id, once that is accepted. */
  async retract(): Promise<string> {
    for (;;) {
      const id = await (await this.retraction())();
      if (id !== null) return id;
    }
  }

  /** Picks that line. Its retraction resolves with its id, or with null if it is not accepted. */
  async retraction(): Promise<() => Promise<string | null>> {
    for (;;) {
      const known = this.#items.find(({ id, version, isHidden }) => !isHidden && this.#options.isSeen(id, version));
      if (known) {
        this.#items.splice(this.#items.indexOf(known), 1);
        return async () => ((await this.#retract(known)) ? known.id : null);
      }
      await pause(20);
    }
  }

  async #run(everyMs: number): Promise<void> {
    const { random } = this.#options;
    while (!this.#isOver) {
      const done = this.#one().finally(() => this.#underWay.delete(done));
      this.#underWay.add(done);
      await pause(between(random, everyMs / 2, everyMs * 1.5));
    }
  }

  async #one(): Promise<void> {
    const { random } = this.#options;
    const dice = random();
    const known = dice < 0.6 ? undefined : pick(random, this.#items.slice(-40));
    if (!known || !this.#options.isSeen(known.id, known.version)) return this.#publish();
    this.#items.splice(this.#items.indexOf(known), 1); // nobody else touches it meanwhile
    if (dice < 0.8 && !known.isHidden) return this.#correct(known);
    if (dice < 0.93) return this.#turn(known, known.isHidden ? 'release' : 'withhold');
    await this.#retract(known);
  }

  #retract(known: Known) {
    return this.#ask('retract', `/${known.id}/retract`, { reason: 'torture' }, known, null);
  }

  async #publish(): Promise<void> {
    const headline = this.#headline('Line');
    const body = {
      edition: 'en',
      headline,
      sections: [pick(this.#options.random, sections)],
      ...this.#below(headline),
    };
    const accepted = await this.#ask('publish', '', body, null, headline);
    if (accepted) this.#items.push({ id: accepted.id, version: accepted.version, isHidden: false });
  }

  async #correct(known: Known): Promise<void> {
    const headline = this.#headline('Corrected line');
    const body = {
      edition: 'en',
      headline,
      sections: ['politics'],
      ...this.#below(headline),
      correction: { kind: 'corrected', note: 'A figure.' },
    };
    const accepted = await this.#ask('correct', `/${known.id}`, body, known, headline);
    if (accepted) this.#items.push({ ...known, version: accepted.version });
  }

  async #turn(known: Known, kind: 'withhold' | 'release'): Promise<void> {
    const accepted = await this.#ask(kind, `/${known.id}/${kind}`, {}, known, null);
    if (accepted) this.#items.push({ id: known.id, version: accepted.version, isHidden: kind === 'withhold' });
  }

  /** Half of the lines have more below them. It names the line, so that a search for a line finds it too. */
  #below(headline: string) {
    if (this.#options.random() < 0.5) return {};
    return {
      paragraphs: [`What is known of ${headline}.`, 'More follows. '.repeat(40)],
      image: { url: 'https://pictures.example/1.jpg', alt: `A picture of ${headline}`, width: 1_200, height: 800 },
      quote: { text: `${headline} is true.`, by: 'A witness' },
      links: [{ text: headline, url: 'https://news.example/1' }],
    };
  }

  #headline(words: string): string {
    return `${words} ${this.#operations + 1}`;
  }

  /** Null unless accepted. */
  async #ask(
    kind: OperationKind,
    path: string,
    body: unknown,
    known: Known | null,
    headline: string | null,
  ): Promise<{ readonly id: string; readonly version: number } | null> {
    const { history } = this.#options;
    const op = ++this.#operations;
    history.add({ e: 'asked', at: history.now(), op, kind, id: known?.id ?? null, headline });
    const headers = {
      authorization: `Bearer ${testKey}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      ...(kind === 'correct' && { 'if-match': `"${known?.version}"` }),
    };
    const answer = await this.#until(kind === 'correct' ? 'PUT' : 'POST', path, headers, JSON.stringify(body));
    const { sentAt, outcome, status, id, version } = answer;
    history.add({ e: 'answered', at: history.now(), op, sentAt, outcome, status, id, version });
    return outcome === 'accepted' && id !== null && version !== null ? { id, version } : null;
  }

  /** A first answer that accepts or refuses is final. After none, the same key retries until it has an answer. */
  async #until(method: string, path: string, headers: Record<string, string>, body: string): Promise<SentAnswer> {
    let isUnknown = false;
    let sentAt = 0;
    for (let attempt = 0; attempt < 40; attempt++) {
      sentAt = this.#options.history.now();
      const answer = { sentAt, ...(await request(`${this.#options.url}/v1/items${path}`, method, headers, body)) };
      if (answer.outcome === 'accepted') this.lastAcceptedAt = this.#options.history.now();
      else this.lastTroubleAt = this.#options.history.now();
      if (answer.outcome === 'accepted') return answer;
      // Refused after a silence: what was asked first may have been done all the same.
      if (answer.outcome === 'refused' && !isUnknown) return answer;
      if (answer.outcome === 'refused' && answer.status !== 503 && answer.status !== 409)
        return { ...answer, outcome: 'unknown' };
      isUnknown = true;
      await pause(400);
    }
    return { sentAt, outcome: 'unknown', status: 0, id: null, version: null };
  }
}

interface Answer {
  readonly outcome: Outcome;
  readonly status: number;
  readonly id: string | null;
  readonly version: number | null;
}

interface SentAnswer extends Answer {
  readonly sentAt: number;
}

async function request(url: string, method: string, headers: Record<string, string>, body: string): Promise<Answer> {
  const silence: Answer = { outcome: 'unknown', status: 0, id: null, version: null };
  try {
    const response = await fetch(url, { method, headers, body, signal: AbortSignal.timeout(patienceMs) });
    const { id = null, version = null } = (await response.json()) as { id?: string; version?: number };
    const { status } = response;
    if (status < 300) return { outcome: 'accepted', status, id, version };
    return { outcome: status === 504 ? 'unknown' : 'refused', status, id: null, version: null };
  } catch {
    return silence;
  }
}
