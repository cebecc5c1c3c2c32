from django.db import migrations

# A member without a change so far stood where the first change began, or stands there still. '' is no tier, null
# is a member nobody has looked at: whoever asks knows the lowest tier.
FORWARDS = """
CREATE FUNCTION tiers_told_at(p_before timestamptz) RETURNS TABLE (member_id bigint, tier text)
LANGUAGE sql STABLE AS $$
    SELECT s.member_id, coalesce(told.to_tier, coming.from_tier, CASE WHEN s.as_of IS NOT NULL THEN s.tier END)::text
    FROM tiers_tierstatus s
    LEFT JOIN (
        SELECT DISTINCT ON (c.member_id) c.member_id, c.to_tier FROM tiers_tierchange c
        WHERE c.recorded_at < p_before ORDER BY c.member_id, c.id DESC
    ) AS told ON told.member_id = s.member_id
    LEFT JOIN (
        SELECT DISTINCT ON (c.member_id) c.member_id, c.from_tier FROM tiers_tierchange c
        WHERE c.recorded_at >= p_before ORDER BY c.member_id, c.id
    ) AS coming ON coming.member_id = s.member_id;
$$;
COMMENT ON FUNCTION tiers_told_at IS 'Each member''s tier as it had been told before an instant.';
"""

BACKWARDS = "DROP FUNCTION tiers_told_at(timestamptz);"


class Migration(migrations.Migration):
    dependencies = [("tiers", "0002_append_only")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
