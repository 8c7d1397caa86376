-- In front of every script.

-- The name of a key of an edition, as in redis-keys.ts. `base` is <prefix>:{<edition>}.
local function key(base, name, id)
  return base .. ':' .. name .. (id and ':' .. id or '')
end

-- The clock of Redis, ms since 1970.
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- A whole number as text. Lua writes a large one with an exponent.
local function whole(number)
  return string.format('%.0f', number)
end

-- The value of a name in a flat list of names and values; nil where the list does not have it.
local function value_of(flat, name)
  local value
  for at = 1, #flat, 2 do
    if flat[at] == name then value = flat[at + 1] end
  end
  return value
end

-- Tells the api processes that an item has changed (desk-news.ts). A user that may not publish there must not fail the write: Redis
-- does not undo what the script has written.
local function tell_desks(channel, base, item_id)
  redis.pcall('PUBLISH', channel, 'item ' .. string.match(base, '{([^}]*)}$') .. ' ' .. item_id)
end
