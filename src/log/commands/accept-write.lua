-- Writes the plan of accept-decide.lua. Part of accept.lua, whose names it uses.

local function erase(id)
  local command = key(base, 'command', id)
  if redis.call('EXISTS', command) == 1 then redis.call('HSET', command, 'body', '') end
end

local function cancel_command(id)
  local command = key(base, 'command', id)
  erase(id)
  redis.call('HSET', command, 'state', 'cancelled')
  redis.call('EXPIRE', command, over_ttl)
  redis.call('ZREM', due_key, id)
  redis.call('PUBLISH', outcomes_channel, id)
end

local version = item.accepted + 1
for _, id in ipairs(plan.early or {}) do cancel_command(id) end
if plan.cancels then
  local before = redis.call('HGET', key(base, 'command', plan.cancels), 'textBefore')
  cancel_command(plan.cancels)
  if plan.ends then
    for earlier = 1, item.accepted do
      local id = redis.call('HGET', item_key, 'c' .. earlier)
      if id then erase(id) end
    end
  else
    -- The item has the text again that it had before the correction.
    local text_version = redis.call('HGET', key(base, 'command', before or ''), 'version')
    redis.call('HSET', item_key, 'textCommand', before or '', 'textVersion', text_version or '')
  end
end
if plan.supersedes then
  redis.call('HSET', key(base, 'command', plan.supersedes), 'superseded', command_id, 'body', '')
  redis.call('ZREM', due_key, plan.supersedes)
  redis.call('PUBLISH', outcomes_channel, plan.supersedes)
end

redis.call('HSET', command_key, 'id', command_id, 'kind', plan.kind, 'edition', edition, 'item', item_id, 'version', version,
  'state', plan.command_state, 'due', whole(plan.due), 'body', plan.body, 'facets', plan.facets, 'change', plan.change,
  'expires', plan.expires, 'notice', notice, 'textBefore', plan.text_command or '', 'hidden', plan.hidden)
-- Commands of one millisecond are appended in the order of their acceptance: behind the point, the score numbers those that are open.
-- A double has room for 1,024 numbers beside a time in ms until the year 2248.
local function turn_at(due)
  local last = redis.call('ZREVRANGEBYSCORE', due_key, '(' .. whole(due + 1), whole(due), 'WITHSCORES', 'LIMIT', 0, 1)[2]
  local number = last and (tonumber(last) - due) * 1024 + 1 or 0
  return string.format('%.10f', due + math.min(number, 1023) / 1024)
end
if plan.command_state ~= 'draft' and plan.command_state ~= 'cancelled' then redis.call('ZADD', due_key, turn_at(plan.due), command_id) end

local record = { 'edition', edition, 'accepted', version, 'state', plan.item_state, 'acceptedAt', whole(now), 'due', whole(plan.due),
  'keyId', key_id, 'name', name, 'c' .. version, command_id }
local function keep(field, value) record[#record + 1], record[#record + 2] = field, value end
if action == 'publish' then
  keep('createdAt', whole(now))
  redis.call('ZADD', items_key, whole(now), item_id)
end
if plan.body ~= '' then
  keep('textCommand', command_id)
  keep('textVersion', version)
end
if plan.kind == 'publish' and not plan.ends then keep('pending', command_id) end
redis.call('HSET', item_key, unpack(record))

-- A flat table of strings and numbers: cjson encodes nothing else without surprises.
redis.call('HSET', versions_key, version, cjson.encode({ version = version, action = action, commandId = command_id, at = now,
  keyId = key_id, name = name, body = plan.body, reason = reason, notice = notice }))

-- In the same script as the acceptance, so that every change has its event.
note(base, now, { 'action', action, 'keyId', key_id, 'name', name, 'edition', edition, 'itemId', item_id, 'version', version,
  'detail', reason })

-- An item that waits for its time outlives that time, and so does the text that a release would show.
local lives_until = math.floor(math.max(now, plan.due, tonumber(plan.expires) or 0) / 1000) + item_ttl
local kept = { item_key, command_key, versions_key }
if item.is_out then kept[#kept + 1] = key(base, 'text', item_id) end
if plan.text_command then kept[#kept + 1] = key(base, 'command', plan.text_command) end
for _, name_of in ipairs(kept) do redis.call('EXPIREAT', name_of, lives_until) end
if plan.supersedes then redis.call('EXPIREAT', key(base, 'command', plan.supersedes), lives_until) end
if plan.command_state == 'cancelled' then redis.call('EXPIRE', command_key, over_ttl) end
if fingerprint ~= '' then redis.call('SET', idempotency_key, command_id .. ' ' .. fingerprint, 'EX', idempotency_ttl) end
tell_desks(desk_channel, base, item_id)
-- Wakes the workers. A user that may not publish there must not fail the acceptance: then the job of the command wakes them.
if plan.command_state == 'queued' then redis.pcall('PUBLISH', accepted_channel, plan.kind .. ' ' .. command_id) end
