-- Reads fields of many hashes in one command, and writes nothing.
--
-- KEYS
-- The hashes.
-- ARGV
-- For each hash its fields, with spaces between them.
--
-- Returns for each the values of its fields, as HMGET does.

local replies, asked = {}, ARGV
for at, name in ipairs(KEYS) do
  local fields = {}
  for field in string.gmatch(asked[at], '%S+') do fields[#fields + 1] = field end
  replies[at] = redis.call('HMGET', name, unpack(fields))
end
return replies
