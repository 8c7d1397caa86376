-- All of an acceptance, or nothing of it.
--
-- KEYS  1 item record  2 the new command's record  3 due  4 items  5 versions  6 idempotency record
-- ARGV  1 key base of the edition ("<prefix>:{<edition>}")  2 command id  3 item id  4 edition
--       5 action (publish | publish-draft | edit | withhold | release | retract | cancel)
--       6 If-Match version or ""  7 body (opaque JSON) or ""  8 facets (opaque JSON) or ""  9 change or ""
--       10 expiresAt ms, 0 = none  11 hold ms  12 publishAt ms, 0 = now  13 "1" = draft  14 reason  15 notice
--       16 key id  17 name of who asks  18 fingerprint of the request, "" = no Idempotency-Key
--       19 deadline, ms on this Redis' clock  20 channel of outcomes  21 idempotency ttl, s  22 ttl of what is over, s
--       23 ttl of an item, s, counted from its due time  24 the state that the item has to be in, "" = any
--       25 "1" = no time may be over
--
-- Publishes "<command id>" on 20 for each command that this one cancels or replaces.
--
-- Returns {"accepted", item id, version, state, command id, due ms, kind, "1" if replayed, seq or ""}
--      or {"refused", problem, newest version or "", state of the item or ""}

local base, command_id, item_id, edition, action = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function refused(problem, version, state) return { 'refused', problem, version or '', state or '' } end
local function ms(number) return string.format('%.0f', number) end
local function command_key(id) return base .. ':command:' .. id end

if now > tonumber(ARGV[19]) then return refused('past-deadline') end

local function answer(id, replayed)
  local c = redis.call('HMGET', command_key(id), 'item', 'version', 'state', 'due', 'kind', 'seq', 'superseded')
  -- A replaced command answers for the newest that replaced it; each link is newer, so this ends.
  local newer = c[7]
  while newer do
    local n = redis.call('HMGET', command_key(newer), 'state', 'due', 'seq', 'superseded')
    if not n[1] then break end
    c[3], c[4], c[6], newer = n[1], n[2], n[3], n[4]
  end
  return { 'accepted', c[1], c[2], c[3], id, c[4], c[5], replayed, c[6] or '' }
end

if ARGV[18] ~= '' then
  local claim = redis.call('GET', KEYS[6])
  if claim then
    local id, fingerprint = string.match(claim, '^(%S+) (.*)$')
    if fingerprint ~= ARGV[18] then return refused('idempotency-mismatch') end
    return answer(id, '1')
  end
end

local item = redis.call('HMGET', KEYS[1], 'state', 'accepted', 'version', 'pending', 'textCommand', 'due')
local state, accepted, published = item[1], tonumber(item[2] or '0'), tonumber(item[3] or '0')
local pending, text_command = item[4], item[5]
local is_out = published > 0
local waiting = state == 'draft' or state == 'held' or state == 'scheduled' or state == 'queued'
local parked = state == 'withheld' and not is_out

if action == 'publish' then
  if state then return refused('id-in-use', accepted, state) end
elseif not state then
  return refused('item-not-found')
end
if ARGV[6] ~= '' and tonumber(ARGV[6]) ~= accepted then return refused('version-mismatch', accepted, state) end
if state == 'retracted' then return refused('item-retracted', accepted, state) end
-- What a key may do depends on it, and it may have changed since the caller looked.
if (ARGV[24] or '') ~= '' and state ~= ARGV[24] then return refused('wrong-state', accepted, state) end

local hold, publish_at = tonumber(ARGV[11]), tonumber(ARGV[12])
local due = math.max(now + hold, publish_at)
local timed = (publish_at > now and 'scheduled') or (hold > 0 and 'held') or 'queued'
local version = accepted + 1
local kind, command_state, item_state = 'publish', timed, timed
local body, facets, expires, change = ARGV[7], ARGV[8], ARGV[10], ARGV[9]
local supersedes, cancels, ends, hidden = nil, nil, false, ''

local function text_of(id)
  local t = redis.call('HMGET', command_key(id), 'body', 'facets', 'expires')
  body, facets, expires = t[1], t[2], t[3]
end

local function erase(id)
  if redis.call('EXISTS', command_key(id)) == 1 then redis.call('HSET', command_key(id), 'body', '') end
end

local function end_command(id)
  erase(id)
  redis.call('HSET', command_key(id), 'state', 'cancelled')
  redis.call('EXPIRE', command_key(id), ARGV[22])
  redis.call('ZREM', KEYS[3], id)
  redis.call('PUBLISH', ARGV[20], id)
end

if action == 'publish' then
  change = 'new'
  if ARGV[13] == '1' then command_state, item_state, due = 'draft', 'draft', 0 end
elseif action == 'publish-draft' then
  if state ~= 'draft' then return refused('wrong-state', accepted, state) end
  text_of(pending)
  change, supersedes = 'new', pending
elseif action == 'edit' then
  if waiting then
    change, supersedes, due = 'new', pending, tonumber(item[6] or '0')
    command_state, item_state = state, state
  elseif parked then
    change, supersedes, command_state, item_state, due = 'new', pending, 'draft', 'withheld', 0
  elseif state == 'published' or state == 'withheld' then
    -- It went out after the caller had looked: nobody changes a published line without saying so.
    if change == '' then return refused('wrong-state', accepted, state) end
    kind, item_state = 'correct', state
    -- Decided here, not at the append: the withholding has a queue of its own and may not have been appended yet.
    if state == 'withheld' then due, command_state, hidden = now, 'queued', '1' end
  else
    return refused('wrong-state', accepted, state)
  end
elseif action == 'withhold' then
  if waiting and state ~= 'draft' then
    -- Nothing is out, so nothing has to be taken away: the item waits for a release.
    text_of(pending)
    change, supersedes, command_state, item_state, due = 'new', pending, 'draft', 'withheld', 0
  elseif state == 'published' then
    kind, command_state, item_state, due, body, facets, change = 'withhold', 'queued', 'withheld', now, '', '', ''
  else
    return refused('wrong-state', accepted, state)
  end
elseif action == 'release' then
  if state ~= 'withheld' then return refused('wrong-state', accepted, state) end
  if is_out then
    -- A correction that is still held does not go out early: the release shows what stood before it.
    local early = {}
    local held = redis.call('HMGET', command_key(text_command), 'state', 'due', 'textBefore')
    while held[1] == 'held' and tonumber(held[2]) > now and held[3] ~= '' do
      early[#early + 1] = text_command
      text_command = held[3]
      held = redis.call('HMGET', command_key(text_command), 'state', 'due', 'textBefore')
    end
    text_of(text_command)
    if not body or body == '' then return refused('wrong-state', accepted, state) end
    for _, id in ipairs(early) do end_command(id) end
  else
    text_of(pending)
    if not body or body == '' then return refused('wrong-state', accepted, state) end
  end
  command_state, item_state, due = 'queued', is_out and 'published' or 'queued', now
  if parked then change, supersedes = 'new', pending else kind, change = 'release', 'released' end
elseif action == 'retract' then
  if is_out and (state == 'published' or state == 'withheld' or state == 'expired') then
    kind, command_state, item_state, due, body, facets, change = 'retract', 'queued', 'retracted', now, '', '', ''
  elseif waiting or parked then
    kind, cancels, ends = 'retract', pending, true
  else
    return refused('wrong-state', accepted, state)
  end
elseif action == 'cancel' then
  if waiting or parked then
    cancels, ends = pending, true
  elseif state == 'published' and text_command and redis.call('HGET', command_key(text_command), 'state') == 'held' then
    cancels = text_command -- a held correction: what is out stays as it is
  else
    return refused('wrong-state', accepted, state)
  end
end

-- Where it is accepted, so that a retry gets its first answer however late it comes.
local checks = ARGV[25] == '1'
if checks and action == 'publish' and publish_at > 0 and publish_at < now - 60000 then return refused('publish-past') end
local ends_at = tonumber(expires) or 0
local brings_text = action == 'publish' or action == 'publish-draft' or action == 'edit' or (action == 'release' and parked)
if checks and brings_text and ends_at > 0 and ends_at <= math.max(now, due) then
  return refused('expires-past')
end

if cancels then
  local before = redis.call('HGET', command_key(cancels), 'textBefore')
  end_command(cancels)
  command_state, due, body, facets, change = 'cancelled', 0, '', '', ''
  if ends then
    item_state = 'cancelled'
    for v = 1, accepted do
      local id = redis.call('HGET', KEYS[1], 'c' .. v)
      if id then erase(id) end
    end
  else
    item_state = state
    redis.call('HSET', KEYS[1], 'textCommand', before or '', 'textVersion', redis.call('HGET', command_key(before or ''), 'version') or '')
  end
end
if supersedes then
  redis.call('HSET', command_key(supersedes), 'superseded', command_id, 'body', '')
  redis.call('ZREM', KEYS[3], supersedes)
  redis.call('PUBLISH', ARGV[20], supersedes)
end

redis.call('HSET', KEYS[2], 'id', command_id, 'kind', kind, 'edition', edition, 'item', item_id, 'version', version, 'state', command_state,
  'due', ms(due), 'body', body, 'facets', facets, 'change', change, 'expires', expires, 'notice', ARGV[15], 'textBefore', text_command or '', 'hidden', hidden)
if command_state ~= 'draft' and command_state ~= 'cancelled' then redis.call('ZADD', KEYS[3], ms(due), command_id) end

redis.call('HSET', KEYS[1], 'edition', edition, 'accepted', version, 'state', item_state, 'acceptedAt', ms(now), 'due', ms(due),
  'keyId', ARGV[16], 'name', ARGV[17], 'c' .. version, command_id)
if action == 'publish' then redis.call('HSET', KEYS[1], 'createdAt', ms(now)) redis.call('ZADD', KEYS[4], ms(now), item_id) end
if body ~= '' then redis.call('HSET', KEYS[1], 'textCommand', command_id, 'textVersion', version) end
if kind == 'publish' and not ends then redis.call('HSET', KEYS[1], 'pending', command_id) end

-- A flat table of strings and numbers: the one kind that cjson encodes without surprises.
redis.call('HSET', KEYS[5], version, cjson.encode({ version = version, action = action, commandId = command_id, at = now,
  keyId = ARGV[16], name = ARGV[17], body = body, reason = ARGV[14], notice = ARGV[15] }))

-- With the acceptance or not at all: nothing is done that nobody has done.
note(base, now, { 'action', action, 'keyId', ARGV[16], 'name', ARGV[17], 'edition', edition, 'itemId', item_id, 'version', version,
  'detail', ARGV[14] })

-- What waits for its time outlives it, and so does the text that a release would show.
local lives_until = math.floor(math.max(now, due, tonumber(expires) or 0) / 1000) + ARGV[23]
for _, key in ipairs({ KEYS[1], KEYS[2], KEYS[5], base .. ':text:' .. item_id, command_key(text_command or command_id) }) do redis.call('EXPIREAT', key, lives_until) end
if supersedes then redis.call('EXPIREAT', command_key(supersedes), lives_until) end
if command_state == 'cancelled' then redis.call('EXPIRE', KEYS[2], ARGV[22]) end
if ARGV[18] ~= '' then redis.call('SET', KEYS[6], command_id .. ' ' .. ARGV[18], 'EX', ARGV[21]) end
return answer(command_id, '')
