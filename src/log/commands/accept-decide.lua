-- Decides about the request and writes nothing. Part of accept.lua, whose names it uses; ends the script where it refuses.
-- src/item/lifecycle.ts has the table of actions by state; a test runs every combination through this part.
--
-- Leaves a plan:
--
--   kind, due, body, facets, expires, change   of the new command
--   command_state, item_state                  after the acceptance
--   supersedes     command that the new one replaces
--   cancels        command that the new one cancels
--   ends           whether the item ends with it
--   early          held corrections that a release cancels, if any
--   text_command   command whose text the item has before this one
--   hidden         "1": a correction of a withheld item; its entry does not show the item

local function text_of(id)
  return unpack(redis.call('HMGET', key(base, 'command', id), 'body', 'facets', 'expires'))
end

local state, is_out = item.state, item.is_out
local waits = state == 'draft' or state == 'held' or state == 'scheduled' or state == 'queued'
local is_parked = state == 'withheld' and not is_out -- withheld before readers were shown it

local function refuse(problem) return refused(problem, item.accepted, state) end

if action == 'publish' then
  if state then return refuse('id-in-use') end
elseif not state then
  return refused('item-not-found')
end
if if_match ~= '' and tonumber(if_match) ~= item.accepted then return refuse('version-mismatch') end
if state == 'retracted' then return refuse('item-retracted') end
-- What an API key may do depends on the state, which may have changed since the caller read it.
if only_in ~= '' and state ~= only_in then return refuse('wrong-state') end

local hold_ms, publish_ms = tonumber(hold), tonumber(publish_at)
local waiting_state = (publish_ms > now and 'scheduled') or (hold_ms > 0 and 'held') or 'queued'
local plan = {
  kind = 'publish', due = math.max(now + hold_ms, publish_ms), body = body, facets = facets, expires = expires_at, change = change,
  command_state = waiting_state, item_state = waiting_state, text_command = item.text_command, hidden = '',
}

if action == 'publish' then
  plan.change = 'new'
  if draft == '1' then plan.command_state, plan.item_state, plan.due = 'draft', 'draft', 0 end
elseif action == 'publish-draft' then
  if state ~= 'draft' then return refuse('wrong-state') end
  plan.body, plan.facets, plan.expires = text_of(item.pending)
  plan.change, plan.supersedes = 'new', item.pending
elseif action == 'edit' then
  if draft == '1' and not waits then return refuse('wrong-state') end
  if waits then
    plan.change, plan.supersedes, plan.due, plan.command_state, plan.item_state = 'new', item.pending, item.due, state, state
    -- It stops its clock: an editor publishes the draft again.
    if draft == '1' then plan.due, plan.command_state, plan.item_state = 0, 'draft', 'draft' end
  elseif is_parked then
    plan.change, plan.supersedes, plan.command_state, plan.item_state, plan.due = 'new', item.pending, 'draft', 'withheld', 0
  elseif state == 'published' or state == 'withheld' then
    -- It was published after the caller read it. A published item changes only with a label.
    if change == '' then return refuse('wrong-state') end
    plan.kind, plan.item_state = 'correct', state
    -- Decided here, not at the append: withholdings have a queue of their own, so this one may not have been appended yet.
    if state == 'withheld' then plan.due, plan.command_state, plan.hidden = now, 'queued', '1' end
  else
    return refuse('wrong-state')
  end
elseif action == 'withhold' then
  if waits and state ~= 'draft' then
    -- Nothing is out, so nothing has to be withdrawn: the item waits for a release.
    plan.body, plan.facets, plan.expires = text_of(item.pending)
    plan.change, plan.supersedes, plan.command_state, plan.item_state, plan.due = 'new', item.pending, 'draft', 'withheld', 0
  elseif state == 'published' then
    plan.kind, plan.command_state, plan.item_state, plan.due = 'withhold', 'queued', 'withheld', now
    plan.body, plan.facets, plan.change = '', '', ''
  else
    return refuse('wrong-state')
  end
elseif action == 'release' then
  if state ~= 'withheld' then return refuse('wrong-state') end
  if is_out then
    -- A correction that is still held is not published early: the release shows the text before it.
    local held = redis.call('HMGET', key(base, 'command', plan.text_command), 'state', 'due', 'textBefore')
    while held[1] == 'held' and tonumber(held[2]) > now and held[3] ~= '' do
      plan.early = plan.early or {}
      plan.early[#plan.early + 1] = plan.text_command
      plan.text_command = held[3]
      held = redis.call('HMGET', key(base, 'command', plan.text_command), 'state', 'due', 'textBefore')
    end
  end
  plan.body, plan.facets, plan.expires = text_of(is_out and plan.text_command or item.pending)
  if not plan.body or plan.body == '' then return refuse('wrong-state') end
  plan.command_state, plan.item_state, plan.due = 'queued', is_out and 'published' or 'queued', now
  if is_parked then plan.change, plan.supersedes = 'new', item.pending else plan.kind, plan.change = 'release', 'released' end
elseif action == 'retract' then
  if is_out and (state == 'published' or state == 'withheld' or state == 'expired') then
    plan.kind, plan.command_state, plan.item_state, plan.due = 'retract', 'queued', 'retracted', now
    plan.body, plan.facets, plan.change = '', '', ''
  elseif waits or is_parked then
    plan.kind, plan.cancels, plan.ends = 'retract', item.pending, true
  else
    return refuse('wrong-state')
  end
elseif action == 'cancel' then
  local text_command = item.text_command
  if waits or is_parked then
    plan.cancels, plan.ends = item.pending, true
  elseif state == 'published' and text_command and redis.call('HGET', key(base, 'command', text_command), 'state') == 'held' then
    plan.cancels = text_command -- a held correction: readers keep the version that is out
  else
    return refuse('wrong-state')
  end
end

-- Where the request is accepted, so that a retry gets the first answer however late it comes.
if times_ahead == '1' then
  if action == 'publish' and publish_ms > 0 and publish_ms < now - 60000 then return refused('publish-past') end
  local is_new_text = action == 'publish' or action == 'publish-draft' or action == 'edit' or (action == 'release' and is_parked)
  local ends_at = tonumber(plan.expires) or 0
  if is_new_text and ends_at > 0 and ends_at <= math.max(now, plan.due) then return refused('expires-past') end
end

if plan.cancels then
  plan.command_state, plan.due, plan.body, plan.facets, plan.change = 'cancelled', 0, '', '', ''
  plan.item_state = plan.ends and 'cancelled' or state
end
