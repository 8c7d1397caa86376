-- All of an acceptance, or nothing of it.
--
-- KEYS
--   item_key          record of the item
--   command_key       record of the new command
--   due_key           open commands by due time
--   items_key         items by the time of their first acceptance
--   versions_key      what the desk keeps of the item's versions
--   idempotency_key   what was accepted with the Idempotency-Key; of any value where the request has none
--   flashes_key       when the newest flashes were accepted
--   meta_key, audit_key   heads of the chain, and the audit trail: chain.lua uses them by their names
-- ARGV
--   base               key base of the edition
--   command_id         of the new command
--   item_id
--   edition
--   action             publish | publish-draft | edit | withhold | release | retract | cancel
--   if_match           the version that the item must have; "" = any
--   body               opaque JSON; "" = none
--   facets             opaque JSON; "" = none
--   change             label of the entry of an edit; "" = none
--   expires_at         ms; 0 = never
--   hold               how long the item is held, ms
--   publish_at         ms; 0 = now
--   draft              "1" = a draft; an edit makes a waiting item one
--   reason             for the desk's record and the audit trail
--   notice             public notice of a retraction
--   key_id, name       who asks
--   fingerprint        of the request; "" = no Idempotency-Key
--   warned             "1" = refuse the request, unless it was accepted before
--   flashes_per_minute how many flashes need no confirmation; "" = there is no fuse
--   fuse_confirmed     "1" = a flash more is confirmed
--   deadline           ms by the clock of Redis: after it the request is refused
--   outcomes_channel
--   idempotency_ttl    s
--   over_ttl           how long a cancelled command can still be read, s
--   item_ttl           how long an item is kept after its due time, s
--   only_in            the state that the item must be in; "" = any
--   times_ahead        "1" = refuse a time that is over
--   desk_channel
--   accepted_channel
--
-- Publishes "<command id>" on outcomes_channel for each command that this one cancels or replaces, "item <edition> <item id>" on
-- desk_channel, and "<kind> <command id>" on accepted_channel if the command is due now.
--
-- Returns {"accepted", item id, version, state, command id, due ms, kind, "1" if replayed, seq or ""}
--      or {"refused", problem, newest version or "", state of the item or "", flashes of the last minute (flash-fuse only)}

local item_key, command_key, due_key, items_key, versions_key, idempotency_key, flashes_key, meta_key, audit_key = unpack(KEYS)
local base, command_id, item_id, edition, action, if_match, body, facets, change, expires_at, hold, publish_at, draft, reason, notice,
  key_id, name, fingerprint, warned, flashes_per_minute, fuse_confirmed, deadline, outcomes_channel, idempotency_ttl, over_ttl, item_ttl,
  only_in, times_ahead, desk_channel, accepted_channel = unpack(ARGV)

local function refused(problem, version, state) return { 'refused', problem, version or '', state or '' } end

-- The answer to a request that was accepted before. A replaced command answers for the newest one that replaced it. Each of them is newer, so this ends.
local function answer_again(id)
  local command = redis.call('HMGET', key(base, 'command', id), 'item', 'version', 'state', 'due', 'kind', 'seq', 'superseded')
  local item, version, state, due, kind, seq, newer = unpack(command)
  while newer do
    local found = redis.call('HMGET', key(base, 'command', newer), 'state', 'due', 'seq', 'superseded')
    if not found[1] then break end
    state, due, seq, newer = unpack(found)
  end
  return { 'accepted', item, version, state, id, due, kind, '1', seq or '' }
end

local now = clock()
if now > tonumber(deadline) then return refused('past-deadline') end

if fingerprint ~= '' then
  local claim = redis.call('GET', idempotency_key)
  if claim then
    local id, known_fingerprint = string.match(claim, '^(%S+) (.*)$')
    if known_fingerprint ~= fingerprint then return refused('idempotency-mismatch') end
    return answer_again(id)
  end
end

-- Here, so that a retry of an accepted request is not refused as its own near duplicate.
if warned == '1' then return refused('warnings-refused') end

local found = redis.call('HMGET', item_key, 'state', 'accepted', 'version', 'pending', 'textCommand', 'due')
local item = {
  state = found[1],
  accepted = tonumber(found[2] or '0'),
  is_out = tonumber(found[3] or '0') > 0,
  pending = found[4],
  text_command = found[5],
  due = tonumber(found[6] or '0'),
}

-- @include accept-decide.lua
-- @include accept-fuse.lua
-- @include accept-write.lua
return { 'accepted', item_id, version, plan.command_state, command_id, whole(plan.due), plan.kind, '', '' }
