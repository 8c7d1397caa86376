import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { ItemBody } from '../item/item.ts';
import { defaultNotice, type NoticeIn } from '../item/notice.ts';
import { bodyOf, createItemSchemas, facetsOf, type ItemSchemas, itemId } from '../item/schema.ts';
import { publicSite, type Site, type SiteEdition, usualFlashesPerMinute } from '../item/site.ts';
import type { AcceptOutcome, AcceptRequest, DeskItem } from '../log/commands/desk-log.ts';
import { parseDeskBody } from '../log/entries/reply.ts';
import { editionsKnownTo, may, principalOf, requireEdition, requirePublisher } from './access/authenticate.ts';
import type { Principal } from './access/key-store.ts';
import { correctedBody } from './corrected-body.ts';
import type { NewestLines } from './guards/newest-lines.ts';
import { type Warning, warningsFor } from './guards/warnings.ts';
import { ProblemError } from './http-problem.ts';
import type { ApiMeter } from './meter.ts';
import { answerOutcome, type OutcomeDeps, versionMismatch } from './outcome.ts';
import { idempotencyOf, ifMatch, optionalIfMatch, parseBodyWith, preferencesOf } from './request.ts';

export interface ItemsDeps extends OutcomeDeps {
  readonly site: Site;
  readonly meter: ApiMeter;
  readonly noticeIn: NoticeIn;
  /** Lines that a new one may repeat. */
  readonly lines: NewestLines;
  /** A new id, ordered by time: 26 characters of Crockford's base 32. */
  readonly newId: () => string;
}

/** The script of an acceptance refuses after this time, ms. */
const acceptWithinMs = 2_000;

/** The writing half of `/v1/items`. Every route ends in one acceptance. */
export class ItemCommands {
  readonly #deps: ItemsDeps;
  readonly #schemas: ItemSchemas;
  readonly #publicSchemas: ItemSchemas;

  constructor(deps: ItemsDeps) {
    this.#deps = deps;
    this.#schemas = createItemSchemas(deps.site);
    this.#publicSchemas = createItemSchemas(publicSite(deps.site));
  }

  /** The item that the path names, if this key may see it. */
  async find(request: Request, response: Response): Promise<DeskItem> {
    const { log, site } = this.#deps;
    const id = itemId.safeParse(request.params['id']);
    const editions = editionsKnownTo(principalOf(response), site.editions).map((one) => one.id);
    const edition = id.success ? await log.editionOf(editions, id.data) : null;
    const item = id.success && edition ? await log.item(edition, id.data) : null;
    if (!item) throw new ProblemError('not-found', 'This item does not exist.');
    requireEdition(principalOf(response), item.edition);
    return item;
  }

  async publish(request: Request, response: Response): Promise<void> {
    const principal = principalOf(response);
    const fields = this.#fieldsOf((schemas) => schemas.publish, request, principal);
    requireEdition(principal, fields.edition);
    if (fields.state !== 'draft') requirePublisher(principal);
    const body = bodyOf(this.#deps.site, fields);
    const itemId = this.#deps.newId();
    await this.#requireOriginal(response, body);
    const command = {
      itemId,
      edition: body.edition,
      action: 'publish',
      ...contentOf(body),
      holdMs: fields.holdSeconds * 1_000,
      publishAtMs: fields.publishAt ? Date.parse(fields.publishAt) : 0,
      draft: fields.state === 'draft',
    } as const;
    await this.#accept(request, response, 201, command, body);
  }

  async correct(request: Request, response: Response): Promise<void> {
    const fields = this.#fieldsOf((schemas) => schemas.correct, request, principalOf(response));
    const item = await this.find(request, response);
    const onlyIn = statesFor(principalOf(response), item);
    if (fields.edition !== item.edition) {
      const fault = { pointer: '/edition', detail: `must be ${item.edition}` };
      throw new ProblemError('invalid', 'An item stays in its edition.', [fault]);
    }
    const version = ifMatch(request);
    if (version !== item.version) throw versionMismatch(item.version);
    if (fields.state === 'draft' && item.publishedVersion !== null)
      throw new ProblemError('wrong-state', 'This item is out. Only an item that is not out becomes a draft.');
    // Empty after a purge.
    const before = item.body === '' ? null : parseDeskBody(item.body);
    const { body, change } = correctedBody(this.#deps.site, item, before, fields);
    // An unchanged link was checked when it was set: a correction does not fail if the original has expired since, or is in an
    // edition of another key.
    if (body.translationOf?.id !== before?.translationOf?.id) await this.#requireOriginal(response, body);
    const command = {
      itemId: item.id,
      edition: item.edition,
      action: 'edit',
      ...onlyIn,
      ifMatch: version,
      ...contentOf(body),
      ...(change && { change }),
      holdMs: fields.holdSeconds * 1_000,
      draft: fields.state === 'draft',
    } as const;
    await this.#accept(request, response, 200, command, body);
  }

  async retract(request: Request, response: Response): Promise<void> {
    requirePublisher(principalOf(response));
    const { reason, notice } = parseBodyWith(this.#schemas.retract, request.body);
    const { id, edition, publishedAt } = await this.find(request, response);
    const home = this.#editionOf(edition);
    const shown = notice ?? (home && publishedAt !== null ? defaultNotice(home, publishedAt, this.#deps.noticeIn) : '');
    await this.#accept(request, response, 200, { itemId: id, edition, action: 'retract', reason, notice: shown });
  }

  async cancel(request: Request, response: Response): Promise<void> {
    const item = await this.find(request, response);
    const onlyIn = statesFor(principalOf(response), item);
    await this.#accept(request, response, 200, {
      itemId: item.id,
      edition: item.edition,
      action: 'cancel',
      ...onlyIn,
      ...optionalIfMatch(request),
    });
  }

  async publishDraft(request: Request, response: Response): Promise<void> {
    requirePublisher(principalOf(response));
    const { holdSeconds } = parseBodyWith(this.#schemas.publishDraft, request.body ?? {});
    const { id, edition } = await this.find(request, response);
    const action = 'publish-draft';
    const command = { itemId: id, edition, action, holdMs: holdSeconds * 1_000, ...optionalIfMatch(request) } as const;
    await this.#accept(request, response, 201, command);
  }

  /** Actions without a body. */
  async act(action: 'withhold' | 'release', request: Request, response: Response): Promise<void> {
    requirePublisher(principalOf(response));
    parseBodyWith(this.#schemas.empty, request.body ?? {});
    const { id, edition } = await this.find(request, response);
    await this.#accept(request, response, 200, { itemId: id, edition, action });
  }

  #fieldsOf<Fields extends { readonly edition: string }>(
    schemaIn: (schemas: ItemSchemas) => z.ZodType<Fields>,
    { body }: Request,
    principal: Principal,
  ): Fields {
    const fields = parseBodyWith(schemaIn(this.#schemas), body);
    const visible = editionsKnownTo(principal, this.#deps.site.editions);
    return visible.some(({ id }) => id === fields.edition)
      ? fields
      : parseBodyWith(schemaIn(this.#publicSchemas), body);
  }

  /** The original of a translation has to exist in an edition that this key may see. */
  async #requireOriginal(response: Response, { translationOf }: ItemBody): Promise<void> {
    if (!translationOf) return;
    const { log, site } = this.#deps;
    const editions = principalOf(response).editions ?? site.editions.map((one) => one.id);
    if ((await log.editionOf(editions, translationOf.id)) !== null) return;
    const fault = { pointer: '/translationOf/id', detail: 'does not exist or is not visible to this key' };
    throw new ProblemError('invalid', 'The original does not exist.', [fault]);
  }

  /** The item is accepted even if the link is lost; then the desk does not show that the translation is out of date. */
  async #link({ edition, translationOf }: ItemBody, outcome: AcceptOutcome): Promise<void> {
    if (outcome.type !== 'accepted' || outcome.replayed || !translationOf) return;
    await this.#deps.log
      .linkTranslation(translationOf.id, edition, outcome.id)
      .catch((error: unknown) => this.#deps.logger.warn({ err: error, itemId: outcome.id }, 'translation not linked'));
  }

  async #accept(
    request: Request,
    response: Response,
    okStatus: 200 | 201,
    command: Omit<AcceptRequest, 'commandId' | 'by' | 'deadlineMs'>,
    body?: ItemBody,
  ): Promise<void> {
    const { log, newId, meter } = this.#deps;
    const { keyId, name } = principalOf(response);
    const idempotency = idempotencyOf(request);
    const { isStrict, isFuseConfirmed } = preferencesOf(request);
    const edition = this.#editionOf(command.edition);
    const unwanted = isStrict ? this.#warnings(body, command.itemId) : [];
    const startedAt = performance.now();
    const commandId = `c_${newId().toLowerCase()}`;
    const outcome = await log.accept({
      ...command,
      commandId,
      by: { keyId, name },
      timesAhead: true,
      ...(idempotency && { idempotency }),
      isWarned: unwanted.length > 0,
      fuse: { flashesPerMinute: edition?.flashesPerMinute ?? usualFlashesPerMinute, isConfirmed: isFuseConfirmed },
      deadlineMs: log.now(command.edition) + acceptWithinMs,
    });
    meter.decided((performance.now() - startedAt) / 1_000, outcome.type === 'accepted' ? outcome.commandId : commandId);
    const warnings = () => (outcome.type === 'accepted' ? this.#warnings(body, outcome.id) : unwanted);
    this.#see(command, outcome);
    if (body) await this.#link(body, outcome);
    await answerOutcome(this.#deps, request, response, command.edition, outcome, okStatus, body && warnings);
  }

  /** The warnings about the words of a command. */
  #warnings(body: ItemBody | undefined, itemId: string): readonly Warning[] {
    const { lines, log } = this.#deps;
    const edition = body && this.#editionOf(body.edition);
    return edition ? warningsFor({ body, itemId, edition, lines, now: log.now(edition.id) }) : [];
  }

  #editionOf(id: string): SiteEdition | undefined {
    return this.#deps.site.editions.find((edition) => edition.id === id);
  }

  #see({ edition, action, body }: Pick<AcceptRequest, 'edition' | 'action' | 'body'>, outcome: AcceptOutcome): void {
    const { lines, log } = this.#deps;
    if (outcome.type !== 'accepted' || outcome.replayed) return;
    const { id, version, state } = outcome;
    if (action === 'retract' || action === 'cancel') lines.forget(edition, id);
    else if (body && state !== 'refused')
      lines.see({ id, edition, version, state, body, publishedAt: null, updatedAt: log.now(edition) });
  }
}

/** A reporter may change and cancel drafts only. The acceptance checks again, because an editor may publish in between. */
function statesFor(principal: Principal, { state }: DeskItem): Pick<AcceptRequest, 'onlyIn'> {
  if (may(principal, 'publish')) return {};
  if (state !== 'draft') requirePublisher(principal);
  return { onlyIn: 'draft' };
}

function contentOf(body: ItemBody) {
  return {
    body: JSON.stringify(body),
    facets: facetsOf(body),
    expiresAtMs: body.expiresAt ? Date.parse(body.expiresAt) : 0,
  };
}
