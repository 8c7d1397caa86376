-- All of an append, or nothing of it: the item's record, the entry, the message to every fan-out process, and the commands that
-- time will cause.
--
-- KEYS
--   meta_key      epoch, seq, heads of the chain
--   log_key       stream of entries
--   shown_key     shown items by place
--   due_key       open commands by due time
--   item_key      record of the item
--   text_key      public texts of its versions
--   command_key   record of the command
--   items_key     items by the time of their first acceptance
--   suspect_key   an epoch that a replica found rewritten
--   audit_key     audit trail of the edition
--   withdrawn_key   items that were shown and withdrawn, by time
-- ARGV
--   base               key base of the edition
--   command_id
--   item_id
--   fresh_epoch        epoch to take where there is none or it is suspect
--   digest             SHA-256 of the body, hex; "" = no body
--   language, dir      of the body
--   entries_channel
--   outcomes_channel
--   entries_kept       entries that the stream keeps
--   item_ttl           how long an item is kept, s
--   notice_stays       how long a notice stays in the item's place, ms
--   notice_within      how old an item may be for its retraction to leave a notice, ms
--   over_ttl           how long a refused command can still be read, s
--   withdrawn_ttl      how long feeds list a withdrawn item, s
--   withdrawn_kept     how many of them at most
--   in_turn            "1" = not while a command of the edition that was due before is open
--   desk_channel
--   deadline           ms by the clock of Redis: after it nothing is done
--
-- Publishes the entry with its text on entries_channel (JSON, into which bodies and facets are joined as they are), and
-- "<command id>" on outcomes_channel, and "item <edition> <item id>" on desk_channel.
--
-- Returns {"appended", seq, "1" if it had been appended before, the entry's link ("" then),
--       {id, due, kind} of each command that time will cause ...}
--      or {"early", ms to wait}
--      or {"behind"}: it is not this command's turn
--      or {"late"}: Redis runs this after its deadline, because it stood still, and its caller has given up
--      or {"refused", problem}

local meta_key, log_key, shown_key, due_key, item_key, text_key, command_key, items_key, suspect_key, audit_key, withdrawn_key =
  unpack(KEYS)
local base, command_id, item_id, fresh_epoch, digest, language, dir, entries_channel, outcomes_channel, entries_kept, item_ttl,
  notice_stays, notice_within, over_ttl, withdrawn_ttl, withdrawn_kept, in_turn, desk_channel, deadline = unpack(ARGV)

local now = clock()
if now > tonumber(deadline) then return { 'late' } end

local state, kind, version, due, body, facets, change, expires, notice, known_seq, problem, superseded, hidden = unpack(redis.call('HMGET',
  command_key, 'state', 'kind', 'version', 'due', 'body', 'facets', 'change', 'expires', 'notice', 'seq', 'problem', 'superseded', 'hidden'))
version = tonumber(version or '0')
if not state then return { 'refused', 'unknown-command' } end
if state == 'published' then return { 'appended', tonumber(known_seq), '1', '' } end
if state == 'refused' then return { 'refused', problem } end
if state == 'cancelled' or state == 'draft' or superseded then
  redis.call('ZREM', due_key, command_id)
  return { 'refused', state == 'cancelled' and 'cancelled' or 'superseded' }
end
if tonumber(due) > now then return { 'early', tonumber(due) - now } end

local by_time = kind == 'expire' or kind == 'clear'
local carries_text = kind == 'publish' or kind == 'correct' or kind == 'release'
local item_status

local function refuse(why)
  redis.call('HSET', command_key, 'state', 'refused', 'problem', why)
  if by_time then redis.call('EXPIRE', command_key, over_ttl) end
  -- A correction that a withholding has overtaken keeps its text: the release shows it.
  if item_status == 'retracted' then redis.call('HSET', command_key, 'body', '') end
  redis.call('ZREM', due_key, command_id)
  redis.call('PUBLISH', outcomes_channel, command_id)
  return { 'refused', why }
end

local function is_a(name, wanted)
  local found = redis.call('TYPE', name).ok
  return found == wanted or found == 'none', found
end

-- Redis does not undo what a script wrote before it failed, so everything that could fail later is refused here. A command that
-- removes an item from view does not need its text.
if not is_a(item_key, 'hash') or (carries_text and not is_a(text_key, 'hash')) then
  redis.call('HSET', command_key, 'state', 'refused', 'problem', 'damaged-record')
  redis.call('ZREM', due_key, command_id)
  redis.call('PUBLISH', outcomes_channel, command_id)
  return { 'refused', 'damaged-record' }
end

local item = redis.call('HMGET', item_key, 'version', 'status', 'place', 'publishedAt', 'facets', 'shown', 'state', 'language', 'dir',
  'acceptedAt')
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

-- Damage to the whole edition is not the fault of one command: the command is tried again until an operator repairs the edition.
for name, wanted in pairs({ [meta_key] = 'hash', [log_key] = 'stream', [shown_key] = 'zset', [due_key] = 'zset', [items_key] = 'zset',
  [suspect_key] = 'string', [audit_key] = 'stream' }) do
  local is_right, found = is_a(name, wanted)
  if not is_right then return redis.error_reply('DAMAGED ' .. name .. ' is a ' .. found) end
end

-- A withholding or a retraction does not wait for its turn.
local is_urgent = kind == 'withhold' or kind == 'retract'
if in_turn == '1' and not is_urgent and redis.call('ZRANGE', due_key, 0, 0)[1] ~= command_id then return { 'behind' } end

local epoch = current_epoch(base, now, fresh_epoch)
local last_seq, before, event = unpack(redis.call('HMGET', meta_key, 'seq', 'hash', 'audit'))
if last_seq and not tonumber(last_seq) then return redis.error_reply('DAMAGED ' .. meta_key .. ': seq is no number') end
local oldest, last_id, newest = trim(log_key, tonumber(entries_kept))
local seq_of_stream = string.match(last_id, '^%d+')
-- If the stream outlived its head, or is ahead of it, it continues where it stopped.
if not last_seq or tonumber(last_seq) < tonumber(seq_of_stream) then last_seq, before = seq_of_stream, newest end
before, event = before or '', event or ''

local seq = tonumber(last_seq) + 1
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
local header = { 'o', string.match(oldest, '^%d+') or seq, 'e', epoch, 'c', command_id, 'i', item_id, 'v', version, 'p', place,
  't', whole(now), 'a', published_at, 'd', digest, 'w', was_facets, 'n', now_facets, 'k', shown_change, 'r', removal, 'm', kept_notice }
local hash = link({ before, event, seq, unpack(header) })
redis.call('XADD', log_key, seq .. '-0', 'b', before, 'u', event, 'h', hash, unpack(header))
redis.call('HSET', meta_key, 'seq', seq, 'hash', hash)
redis.call('HSET', item_key, 'version', version, 'status', status, 'place', place, 'publishedAt', published_at, 'updatedAt', whole(now),
  'shown', is_listed and '1' or '0')
if carries_text then
  redis.call('HSET', text_key, version, body)
  redis.call('HSET', item_key, 'facets', facets, 'language', language, 'dir', dir, 'textOut', version)
end
if kind == 'retract' then redis.call('HSET', item_key, 'notice', notice) end
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

local waits = item_state == 'queued' or item_state == 'held' or item_state == 'scheduled'
if status == 'expired' then
  if item_state == 'published' or (carries_text and waits) then redis.call('HSET', item_key, 'state', 'expired') end
elseif kind == 'publish' or kind == 'release' then
  if waits then redis.call('HSET', item_key, 'state', 'published') end
elseif kind == 'retract' then
  redis.call('DEL', text_key)
  for earlier = 1, version do
    local id = redis.call('HGET', item_key, 'c' .. earlier)
    local earlier_key = id and key(base, 'command', id)
    if id and redis.call('EXISTS', earlier_key) == 1 then redis.call('HSET', earlier_key, 'body', '') end
  end
end

redis.call('HSET', command_key, 'state', 'published', 'seq', seq)
redis.call('ZREM', due_key, command_id)

local function json(text) return text == '' and 'null' or text end
local function string_or_null(text) return text == '' and 'null' or cjson.encode(text) end

local withdrawn = 'null'
if is_withdrawn then
  withdrawn = '{"facets":' .. json(item_facets or '') .. ',"language":' .. cjson.encode(item_language or '')
    .. ',"dir":' .. cjson.encode(item_dir or '') .. ',"notice":' .. string_or_null(kind == 'retract' and notice or '') .. '}'
end
-- Joined by hand, because cjson would turn an empty array of a body into an object.
redis.call('PUBLISH', entries_channel, '{"epoch":"' .. epoch .. '","seq":' .. seq .. ',"commandId":"' .. command_id
  .. '","itemId":"' .. item_id .. '","version":' .. version .. ',"place":' .. place .. ',"at":' .. whole(now)
  .. ',"publishedAt":' .. published_at .. ',"digest":"' .. digest .. '","hash":"' .. hash .. '","before":"' .. before
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

for _, name in ipairs({ item_key, text_key, command_key, key(base, 'versions', item_id) }) do
  redis.call('EXPIREAT', name, lives_until)
end
-- Items whose record has expired leave the lists, a few at each append.
for _, old in ipairs(redis.call('ZRANGEBYSCORE', items_key, '-inf', now - item_ttl * 1000, 'LIMIT', 0, 20)) do
  if redis.call('EXISTS', key(base, 'item', old)) == 0 then
    redis.call('ZREM', items_key, old)
    redis.call('ZREM', shown_key, old)
  end
end
return result
