-- Appends commands of an edition in their order: for each the item's record, the entry, the message to every fan-out process, and the
-- commands that time will cause. One call is one step of Redis. A command that fails by its own record leaves nothing behind and
-- stops no other.
--
-- KEYS
--   meta_key      epoch, seq, heads of the chain
--   log_key       stream of entries
--   shown_key     shown items by place
--   due_key       open commands by due time and number
--   items_key     items by the time of their first acceptance
--   suspect_key   an epoch that a replica found rewritten
--   audit_key     audit trail of the edition
--   withdrawn_key   items that were shown and withdrawn, by time
--   queue_key     settings of the edition's queue: STOP holds it while it has the field `paused`
-- Then for each command: the record of its item, the public texts of its item, the record of the command.
-- ARGV
--   base               key base of the edition
--   fresh_epoch        epoch to take where there is none or it is suspect
--   entries_channel
--   outcomes_channel
--   entries_kept       entries that the stream keeps
--   item_ttl           how long an item is kept, s
--   notice_stays       how long a notice stays in the item's place, ms
--   notice_within      how old an item may be for its retraction to leave a notice, ms
--   over_ttl           how long a refused command can still be read, s
--   withdrawn_ttl      how long feeds list a withdrawn item, s
--   withdrawn_kept     how many of them at most
--   in_turn            "1" = no command goes before an open one that was due earlier and is not named here
--   desk_channel
--   deadline           ms by the clock of Redis: after it nothing is done
--   count              of the commands
-- Then for each command: its id, its item's id, digest (SHA-256 of the body, hex; "" = no body), language and dir of the body.
-- Then the ids of open commands that these may pass.
--
-- Publishes each entry with its text on entries_channel (JSON, into which bodies and facets are joined as they are), and
-- "<command id>" on outcomes_channel, and "item <edition> <item id>" on desk_channel.
--
-- Returns for each command
--      {"appended", seq, "1" if it had been appended before, the entry's link ("" then),
--       {id, due, kind} of each command that time will cause ...}
--      or {"early", ms to wait}
--      or {"behind"}: it is not this command's turn
--      or {"held"}: by STOP
--      or {"refused", problem}
--      or {"failed", error}: its record, or the rules of Redis, do not allow it
-- Returns {"late"} where Redis runs this after its deadline, because it stood still, and its caller has given up.

local meta_key, log_key, shown_key, due_key, items_key, suspect_key, audit_key, withdrawn_key, queue_key =
  unpack(KEYS)
local base, fresh_epoch, entries_channel, outcomes_channel, entries_kept, item_ttl, notice_stays, notice_within, over_ttl,
  withdrawn_ttl, withdrawn_kept, in_turn, desk_channel, deadline, count = unpack(ARGV)

local now = clock()
if now > tonumber(deadline) then return { 'late' } end

local records, rest = { select(10, unpack(KEYS)) }, { select(16, unpack(ARGV)) }
count = tonumber(count)

-- Redis does not undo what a script wrote before it failed, so whatever could fail every command is read before the first write.
-- Damage to the whole edition is not the fault of one command: all are tried again until an operator repairs the edition. Only a key of
-- another type is damage. A Redis that is full, has too few replicas or forbids a command is not.
local function is_wrong_type(err) return string.find(err, 'WRONGTYPE', 1, true) ~= nil end
local fault
local function note_fault(name, err) fault = fault or (is_wrong_type(err) and 'DAMAGED ' .. name .. ': ' .. err or err) end
local function read(command, name, ...)
  local reply = redis.pcall(command, name, ...)
  if type(reply) == 'table' and reply.err then note_fault(name, reply.err) end
  return reply
end
local function require_a(name, wanted)
  local found = read('TYPE', name).ok or ''
  if found ~= wanted and found ~= 'none' then fault = fault or 'DAMAGED ' .. name .. ' is a ' .. found end
end
local epoch, last_seq, before, event = unpack(read('HMGET', meta_key, 'epoch', 'seq', 'hash', 'audit'))
local suspected = read('GET', suspect_key)
local is_stopped = read('HGET', queue_key, 'paused')
local oldest_due = read('ZRANGE', due_key, 0, #rest - count * 4 - 1)
local over_items = read('ZRANGEBYSCORE', items_key, '-inf', now - item_ttl * 1000, 'LIMIT', 0, 20)
require_a(shown_key, 'zset')
local is_stream, oldest, last_id, newest = pcall(trim, log_key, tonumber(entries_kept), count)
if not is_stream then
  if type(oldest) == 'table' then note_fault(log_key, oldest.err) else fault = fault or 'DAMAGED ' .. log_key .. ': ' .. tostring(oldest) end
end
if not epoch or suspected then require_a(audit_key, 'stream') end
if last_seq and not tonumber(last_seq) then fault = fault or 'DAMAGED ' .. meta_key .. ': seq is no number' end
if fault then return redis.error_reply(fault) end

if not epoch or suspected then
  epoch = current_epoch(base, now, fresh_epoch)
  event = redis.call('HGET', meta_key, 'audit')
end
local seq_of_stream = string.match(last_id, '^%d+')
-- If the stream outlived its head, or is ahead of it, it continues where it stopped.
if not last_seq or tonumber(last_seq) < tonumber(seq_of_stream) then last_seq, before = seq_of_stream, newest end
local head = tonumber(last_seq)
before, event, oldest = before or '', event or '', string.match(oldest, '^%d+')

-- The place of each command among the oldest open ones, up to the first that is not named here.
local named, turn, is_blocked = {}, {}, false
for at = 1, count do named[rest[at * 5 - 4]] = true end
for at = count * 5 + 1, #rest do named[rest[at]] = true end
for at, id in ipairs(oldest_due) do
  is_blocked = in_turn == '1' and not named[id]
  if is_blocked then break end
  turn[id] = at
end

local done, appended_to = {}, head
local function json(text) return text == '' and 'null' or text end
-- An error that is not damage is not the record's: it ends the command, which is tried again.
local function is_damaged(reply)
  if type(reply) ~= 'table' or not reply.err then return false end
  if not is_wrong_type(reply.err) then error(reply) end
  return true
end
local function string_or_null(text) return text == '' and 'null' or cjson.encode(text) end

local function append(item_key, text_key, command_key, command_id, item_id, digest, language, dir)
  local state, kind, version, due, body, facets, change, expires, notice, known_seq, problem, superseded, hidden = unpack(redis.call('HMGET',
    command_key, 'state', 'kind', 'version', 'due', 'body', 'facets', 'change', 'expires', 'notice', 'seq', 'problem', 'superseded', 'hidden'))
  version = tonumber(version or '0')
  if not state then return { 'refused', 'unknown-command' } end
  if state == 'published' then return { 'appended', tonumber(known_seq), '1', '' } end
  if state == 'refused' then return { 'refused', problem } end
  if state == 'cancelled' or state == 'draft' or superseded then
    done[#done + 1] = command_id
    return { 'refused', state == 'cancelled' and 'cancelled' or 'superseded' }
  end
  if tonumber(due) > now then return { 'early', tonumber(due) - now } end
  -- A withholding or a retraction waits for nothing.
  if kind ~= 'withhold' and kind ~= 'retract' then
    if is_stopped then return { 'held' } end
    if is_blocked and not turn[command_id] then return { 'behind' } end
  end

  local by_time = kind == 'expire' or kind == 'clear'
  local carries_text = kind == 'publish' or kind == 'correct' or kind == 'release'
  local item_status

  local function refuse(why)
    redis.call('HSET', command_key, 'state', 'refused', 'problem', why)
    if by_time then redis.call('EXPIRE', command_key, over_ttl) end
    -- A correction that a withholding has overtaken keeps its text: the release shows it.
    if item_status == 'retracted' then redis.call('HSET', command_key, 'body', '') end
    done[#done + 1] = command_id
    redis.call('PUBLISH', outcomes_channel, command_id)
    return { 'refused', why }
  end

  local item = redis.pcall('HMGET', item_key, 'version', 'status', 'place', 'publishedAt', 'facets', 'shown', 'state', 'language', 'dir',
    'acceptedAt')
  if is_damaged(item) then return refuse('damaged-record') end
  local item_version, item_place, item_published_at, item_facets = tonumber(item[1] or '0'), tonumber(item[3] or ''), item[4], item[5]
  local was_shown, item_state, item_language, item_dir, accepted_at = item[6] == '1', item[7], item[8], item[9], item[10]
  item_status = item[2] or ''

  local expires_at = tonumber(expires)
  if not (kind and version and body and facets and change and expires_at and notice) then return refuse('unreadable-command') end
  if by_time then
    local wanted = kind == 'clear' and 'retracted' or 'usable'
    if version ~= item_version or not was_shown or item_status ~= wanted then return refuse('superseded') end
  elseif item_status == 'retracted' then return refuse('item-retracted')
  elseif version <= item_version then return refuse('stale-version')
  elseif kind == 'correct' and item_status == 'expired' then return refuse('item-expired')
  elseif carries_text and (body == '' or facets == '') then return refuse('unreadable-command')
  end
  -- The first write, because it fails where the key is damaged. A command that removes an item from view does not need its text.
  if carries_text then
    if is_damaged(redis.pcall('HSET', text_key, version, body)) then return refuse('damaged-record') end
  end

  local seq = appended_to + 1
  local place = item_place or seq
  local published_at = item_published_at or whole(now)
  local was_facets = was_shown and item_facets or ''
  -- Its time ended while it was withheld, or between the acceptance and now: no reader is shown it even for a moment.
  local is_over = expires_at > 0 and expires_at <= now and (kind == 'release' or expires_at > (tonumber(accepted_at or '') or now))

  local is_shown, removal, kept_notice, status = false, '', '', item_status
  if carries_text then
    if hidden == '1' then
      status = 'withheld'
      if was_shown then removal = 'withheld' end
    elseif is_over then status, removal = 'expired', 'expired'
    else is_shown, status = true, 'usable' end
  elseif kind == 'withhold' then status, removal = 'withheld', 'withheld'
  elseif kind == 'retract' then
    status, removal = 'retracted', 'retracted'
    if was_shown and notice ~= '' and now - tonumber(published_at) <= tonumber(notice_within) then kept_notice = notice end
  elseif kind == 'expire' then status, removal = 'expired', 'expired'
  else removal = 'expired' end

  local now_facets, shown_change = is_shown and facets or '', is_shown and change or ''
  local is_listed = is_shown or kept_notice ~= ''

  -- The letters are those of entry-header.ts.
  local header = { 'o', oldest or seq, 'e', epoch, 'c', command_id, 'i', item_id, 'v', version, 'p', place,
    't', whole(now), 'a', published_at, 'd', digest, 'w', was_facets, 'n', now_facets, 'k', shown_change, 'r', removal, 'm', kept_notice }
  local hash = link({ before, event, seq, unpack(header) })
  redis.call('XADD', log_key, seq .. '-0', 'b', before, 'u', event, 'h', hash, unpack(header))
  local link_before = before
  appended_to, before, oldest = seq, hash, oldest or seq

  local record = { 'version', version, 'status', status, 'place', place, 'publishedAt', published_at, 'updatedAt', whole(now),
    'shown', is_listed and '1' or '0' }
  local function keep(name, value) record[#record + 1], record[#record + 2] = name, value end
  if carries_text then
    keep('facets', facets)
    keep('language', language)
    keep('dir', dir)
    keep('textOut', version)
  end
  if kind == 'retract' then keep('notice', notice) end
  local waits = item_state == 'queued' or item_state == 'held' or item_state == 'scheduled'
  if status == 'expired' then
    if item_state == 'published' or (carries_text and waits) then keep('state', 'expired') end
  elseif (kind == 'publish' or kind == 'release') and waits then keep('state', 'published') end
  redis.call('HSET', item_key, unpack(record))
  if is_listed then redis.call('ZADD', shown_key, place, item_id) else redis.call('ZREM', shown_key, item_id) end

  -- Feeds list a withdrawn item for 48 h, so that a client that polls once an hour receives the retraction. The end of a notice (clear)
  -- withdraws nothing. Nothing of this may fail an append, because only feeds need it: a damaged key stays as it is.
  local is_withdrawn = removal ~= '' and kind ~= 'clear'
  if is_withdrawn then
    redis.pcall('ZADD', withdrawn_key, whole(now), item_id)
    redis.pcall('EXPIRE', withdrawn_key, withdrawn_ttl)
    redis.pcall('ZREMRANGEBYSCORE', withdrawn_key, '-inf', whole(now - withdrawn_ttl * 1000))
    redis.pcall('ZREMRANGEBYRANK', withdrawn_key, 0, -1 - withdrawn_kept)
  elseif is_shown and kind ~= 'publish' then redis.pcall('ZREM', withdrawn_key, item_id) end

  if kind == 'retract' then
    redis.call('DEL', text_key)
    for earlier = 1, version do
      local id = redis.call('HGET', item_key, 'c' .. earlier)
      local earlier_key = id and key(base, 'command', id)
      -- A damaged record of an earlier version does not keep the item up.
      if id and redis.call('EXISTS', earlier_key) == 1 then redis.pcall('HSET', earlier_key, 'body', '') end
    end
  end

  redis.call('HSET', command_key, 'state', 'published', 'seq', seq)
  done[#done + 1] = command_id

  local withdrawn = 'null'
  if is_withdrawn then
    withdrawn = '{"facets":' .. json(item_facets or '') .. ',"language":' .. cjson.encode(item_language or '')
      .. ',"dir":' .. cjson.encode(item_dir or '') .. ',"notice":' .. string_or_null(kind == 'retract' and notice or '') .. '}'
  end
  -- Joined by hand, because cjson would turn an empty array of a body into an object.
  redis.call('PUBLISH', entries_channel, '{"epoch":"' .. epoch .. '","seq":' .. seq .. ',"commandId":"' .. command_id
    .. '","itemId":"' .. item_id .. '","version":' .. version .. ',"place":' .. place .. ',"at":' .. whole(now)
    .. ',"publishedAt":' .. published_at .. ',"digest":"' .. digest .. '","hash":"' .. hash .. '","before":"' .. link_before
    .. '","was":' .. json(was_facets) .. ',"now":' .. json(now_facets) .. ',"change":' .. string_or_null(shown_change)
    .. ',"reason":' .. string_or_null(removal) .. ',"notice":' .. string_or_null(kept_notice) .. ',"withdrawn":' .. withdrawn
    .. ',"body":' .. json(is_shown and body or '') .. '}')
  redis.call('PUBLISH', outcomes_channel, command_id)
  tell_desks(desk_channel, base, item_id)

  local lives_until = math.floor(math.max(now, expires_at) / 1000) + item_ttl
  local result = { 'appended', seq, '', hash }
  -- `letter` and the item make its id (follow-up.ts).
  local function follow_up(letter, next_kind, next_due)
    local id = letter .. '_' .. string.lower(item_id) .. '_' .. version
    local next_key = key(base, 'command', id)
    local edition = redis.call('HGET', command_key, 'edition')
    redis.call('HSET', next_key, 'id', id, 'kind', next_kind, 'edition', edition, 'item', item_id, 'version', version,
      'state', 'scheduled', 'due', whole(next_due), 'body', '', 'facets', '', 'change', '', 'expires', '0', 'notice', '')
    -- As long as its item, so that it is done however late the worker comes.
    redis.call('EXPIREAT', next_key, lives_until)
    redis.call('ZADD', due_key, whole(next_due), id)
    result[#result + 1] = { id, whole(next_due), next_kind }
  end
  if is_shown and expires_at > 0 then follow_up('x', 'expire', expires_at) end
  if kept_notice ~= '' then follow_up('n', 'clear', now + tonumber(notice_stays)) end

  local kept = { item_key, text_key }
  -- The acceptance gave the command and the desk's record their time. What waited long gets more.
  if now - tonumber(due) > 3600000 then kept = { item_key, text_key, command_key, key(base, 'versions', item_id) } end
  for _, name in ipairs(kept) do redis.call('EXPIREAT', name, lives_until) end
  return result
end

-- Redis checks these before the first write of a script: nothing is written then, and no command is at fault.
local refusals = { OOM = true, READONLY = true, NOREPLICAS = true, MISCONF = true }

local results = {}
for at = 1, count do
  local keys_at, args_at = at * 3 - 2, at * 5 - 4
  local is_well, result = pcall(append, records[keys_at], records[keys_at + 1], records[keys_at + 2], unpack(rest, args_at, args_at + 4))
  if not is_well then
    local err = type(result) == 'table' and result.err or tostring(result)
    if appended_to == head and refusals[string.match(err, '^%u+')] then return redis.error_reply(err) end
    result = { 'failed', type(result) == 'table' and err or 'ERR ' .. err }
  end
  results[at] = result
end
if appended_to > head then redis.call('HSET', meta_key, 'seq', appended_to, 'hash', before) end
if #done > 0 then redis.call('ZREM', due_key, unpack(done)) end

-- Items whose record has expired leave the lists, a few at each append.
for _, old in ipairs(over_items) do
  if redis.call('EXISTS', key(base, 'item', old)) == 0 then
    redis.call('ZREM', items_key, old)
    redis.call('ZREM', shown_key, old)
  end
end
return results
