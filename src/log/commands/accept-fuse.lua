-- Refuses a flash if the edition had so many within a minute and nobody confirmed it. Part of accept.lua, whose names it uses, behind the
-- decision: a refused request is not counted. Hide and retract send no flash.

local function is_flash(facets) return facets and facets ~= '' and cjson.decode(facets).urgency == 'flash' end

-- Readers will see a flash that they do not see now. A draft and the correction of a hidden item show them nothing.
local sends_flash = not plan.cancels and plan.hidden == '' and plan.command_state ~= 'draft' and is_flash(plan.facets)
if sends_flash and action == 'edit' then
  local _, facets_before = text_of(item.text_command)
  sends_flash = not is_flash(facets_before)
end

if sends_flash and flashes_per_minute ~= '' then
  local count = 0
  for _, accepted_at in ipairs(redis.call('LRANGE', flashes_key, 0, 999)) do
    if tonumber(accepted_at) > now - 60000 then count = count + 1 end
  end
  if fuse_confirmed ~= '1' and count >= tonumber(flashes_per_minute) then return { 'refused', 'flash-fuse', '', '', count } end
  redis.call('LPUSH', flashes_key, whole(now))
  redis.call('LTRIM', flashes_key, 0, count)
  redis.call('EXPIRE', flashes_key, 60)
end
