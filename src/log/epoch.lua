-- Gives an edition that has none its epoch, and one whose history a replica found rewritten a new one.
--
-- KEYS  1 meta  2 suspect
-- ARGV  1 key base of the edition  2 epoch to take
--
-- Returns the epoch that stands.

return current_epoch(ARGV[1], ARGV[2])
