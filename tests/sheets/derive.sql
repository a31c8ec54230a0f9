-- Every figure of a month's sheet out of the raw event table, by SQL alone. It knows nothing of the product but the shape
-- of an event and the limits of the policy that the tests pin: 15 minutes, 2 hours, 24 hours, 30 and 30 minutes, 10, 15 and 30 minutes to say «接».
-- Bound are :start and :end, the instants of a Shanghai month; `month` holds them as one row.

CREATE TEMP TABLE month(start INTEGER, "end" INTEGER);
INSERT INTO month VALUES (:start, :end);

-- What stands: events before the month's end, less those that were taken back at any time.
CREATE TEMP TABLE ev AS
SELECT e.ticket_id AS t, e.seq, e.at, e.kind, e.data
FROM event e, month m
WHERE e.at < m."end" AND e.kind <> 'undone' AND NOT EXISTS (
    SELECT 1 FROM event u, json_each(u.data, '$.seqs') s
    WHERE u.ticket_id = e.ticket_id AND u.kind = 'undone' AND s.value = e.seq);
CREATE INDEX temp.ev_t ON ev(t, seq);

-- Turns between open and ended; a reopening of what was only resolved is none.
CREATE TEMP TABLE turn AS
SELECT t, seq, at, kind, opens FROM (
    SELECT t, seq, at, kind, kind IN ('opened', 'reopened') AS opens,
           lag(kind IN ('opened', 'reopened')) OVER (PARTITION BY t ORDER BY seq) AS was_open
    FROM ev WHERE kind IN ('opened', 'reopened', 'closed', 'voided', 'merged'))
WHERE was_open IS NULL OR opens <> was_open;
CREATE INDEX temp.turn_t ON turn(t, seq);

-- The last word on each ticket.
CREATE TEMP TABLE tk AS
SELECT o.t, k.number, k.unit_index, o.at AS opened_at,
    json_extract(o.data, '$.kind') AS kind, json_extract(o.data, '$.channel') AS channel,
    json_extract(o.data, '$.priority') = 'urgent' AS urgent,
    (SELECT json_extract(c.data, '$.category') FROM ev c WHERE c.t = o.t
        AND json_extract(c.data, '$.category') IS NOT NULL ORDER BY c.seq DESC LIMIT 1) AS category,
    coalesce((SELECT json_extract(d.data, '$.department') FROM ev d WHERE d.t = o.t AND d.kind = 'dispatched'
        ORDER BY d.seq DESC LIMIT 1), '') AS department,
    coalesce((SELECT json_extract(l.data, '$.incident') FROM ev l WHERE l.t = o.t AND l.kind = 'linked'
        ORDER BY l.seq DESC LIMIT 1), '') AS incident,
    NOT EXISTS (SELECT 1 FROM ev v WHERE v.t = o.t AND v.kind IN ('voided', 'merged')) AS counts,
    (SELECT at FROM turn x WHERE x.t = o.t AND NOT x.opens AND x.seq = (SELECT max(seq) FROM turn y WHERE y.t = o.t))
        AS ended_at
FROM ev o JOIN ticket k ON k.id = o.t WHERE o.kind = 'opened';
CREATE INDEX temp.tk_t ON tk(t);

-- Runs from opening or reopening to the next one, with the resolution in it.
CREATE TEMP TABLE cycle AS
SELECT c.t, c.seq, c.at AS started,
    coalesce(lead(c.seq) OVER (PARTITION BY c.t ORDER BY c.seq), 1 << 30) AS until,
    CAST(NULL AS INTEGER) AS resolved, CAST(NULL AS INTEGER) AS due
FROM ev c WHERE c.kind IN ('opened', 'reopened');
UPDATE cycle SET resolved = (
    SELECT min(r.at) FROM ev r WHERE r.t = cycle.t AND r.kind IN ('resolved', 'closed')
    AND r.seq > cycle.seq AND r.seq < cycle.until);

-- Promises, with the first contact or resolution after them, and the newer date that took their place.
CREATE TEMP TABLE promise AS
SELECT p.t, p.seq, p.at AS made, json_extract(p.data, '$.due_at') AS due, coalesce(json_extract(p.data, '$.completion'), 0) AS completion,
    (SELECT min(n.at) FROM ev n WHERE n.t = p.t AND n.seq > p.seq AND n.kind = 'promised'
        AND json_extract(n.data, '$.completion') AND json_extract(p.data, '$.completion')
        AND NOT EXISTS (SELECT 1 FROM ev r WHERE r.t = p.t AND r.kind = 'resolved' AND r.seq BETWEEN p.seq AND n.seq))
        AS replaced,
    CASE WHEN json_extract(p.data, '$.completion')
        THEN (SELECT min(r.at) FROM ev r WHERE r.t = p.t AND r.seq > p.seq AND r.kind = 'resolved'
            AND NOT EXISTS (SELECT 1 FROM ev n WHERE n.t = p.t AND n.kind = 'promised' AND n.seq > p.seq AND n.seq < r.seq
                AND json_extract(n.data, '$.completion')))
        ELSE (SELECT min(c.at) FROM ev c WHERE c.t = p.t AND c.seq > p.seq AND (c.kind IN ('promised', 'followed_up', 'declined')
            OR (c.kind = 'progressed' AND json_extract(c.data, '$.told')))) END AS kept
FROM ev p WHERE p.kind = 'promised';

-- The limit of each run: 24 hours and the holds inside it, or the date that was agreed on.
UPDATE cycle SET due = started + 86400 + coalesce((
    SELECT sum((SELECT min(r.at) FROM ev r WHERE r.t = h.t AND r.seq > h.seq AND r.kind IN ('resumed', 'resolved')) - h.at)
    FROM ev h WHERE h.t = cycle.t AND h.kind = 'paused' AND h.at >= cycle.started AND h.at < cycle.started + 86400
    AND (cycle.resolved IS NULL OR h.at < cycle.resolved)), 0);
UPDATE cycle SET due = 1 << 40 WHERE resolved IS NULL AND EXISTS (
    SELECT 1 FROM ev h WHERE h.t = cycle.t AND h.kind = 'paused' AND h.at >= cycle.started AND h.at < cycle.started + 86400
    AND NOT EXISTS (SELECT 1 FROM ev r WHERE r.t = h.t AND r.seq > h.seq AND r.kind IN ('resumed', 'resolved')));
UPDATE cycle SET due = coalesce((
    SELECT max(p.due) FROM promise p WHERE p.t = cycle.t AND p.completion AND p.replaced IS NULL
    AND p.made >= cycle.started AND p.made <= coalesce(cycle.resolved, 1 << 40)), due);

-- One row for each thing that a figure counts.
CREATE TEMP TABLE fig AS
    SELECT t, 'carried_over' AS name, 1 AS n, 0 AS at FROM turn x, month m WHERE x.opens AND x.at < m.start
        AND x.seq = (SELECT max(seq) FROM turn y WHERE y.t = x.t AND y.at < m.start)
    UNION ALL SELECT t, 'still_open', 1, 0 FROM turn x WHERE x.opens AND x.seq = (SELECT max(seq) FROM turn y WHERE y.t = x.t)
    UNION ALL SELECT t, 'opened', 1, at FROM turn, month m WHERE opens AND at >= m.start
    UNION ALL SELECT t, 'reopened', 1, at FROM turn, month m WHERE kind = 'reopened' AND at >= m.start
    UNION ALL SELECT t, 'closed', 1, at FROM turn, month m WHERE NOT opens AND at >= m.start
    UNION ALL SELECT t, 'void', 1, at FROM turn, month m WHERE kind IN ('voided', 'merged') AND at >= m.start
    UNION ALL SELECT c.t, CASE WHEN c.resolved < c.due THEN 'on_time' ELSE 'late' END, 1, c.resolved
        FROM cycle c JOIN tk USING (t), month m WHERE tk.counts AND c.resolved >= m.start
    UNION ALL SELECT e.t, CASE WHEN json_extract(e.data, '$.score') >= 4 THEN 'satisfied'
        WHEN json_extract(e.data, '$.score') = 3 THEN 'fair' ELSE 'dissatisfied' END, 1, e.at
        FROM ev e JOIN tk USING (t), month m WHERE tk.counts AND e.kind = 'followed_up' AND e.at >= m.start
    UNION ALL SELECT e.t, 'satisfied', 1, e.at FROM ev e JOIN tk USING (t), month m
        WHERE tk.counts AND e.kind = 'closed' AND json_extract(e.data, '$.ground') = 'signed' AND e.at >= m.start
        AND NOT EXISTS (SELECT 1 FROM ev f, cycle c WHERE f.t = e.t AND c.t = e.t AND e.seq > c.seq AND e.seq < c.until
            AND f.kind = 'followed_up' AND f.at BETWEEN c.started AND e.at)
    UNION ALL SELECT e.t, 'escalated', 1, e.at FROM ev e JOIN tk USING (t), month m
        WHERE tk.counts AND e.kind = 'escalated' AND e.at >= m.start
    UNION ALL SELECT p.t, 'kept', 1, p.kept FROM promise p JOIN tk USING (t), month m
        WHERE tk.counts AND p.kept < p.due AND p.kept >= m.start
    UNION ALL SELECT p.t, 'broken', 1, p.due FROM promise p JOIN tk USING (t), month m
        WHERE tk.counts AND p.due >= m.start AND p.due < m."end" AND NOT coalesce(p.kept < p.due, 0)
        AND NOT coalesce(p.replaced < p.due, 0)
        AND EXISTS (SELECT 1 FROM turn x WHERE x.t = p.t AND x.opens AND x.at <= p.due AND NOT EXISTS (
            SELECT 1 FROM turn y WHERE y.t = x.t AND NOT y.opens AND y.seq > x.seq AND y.at < p.due
            AND y.seq = (SELECT min(seq) FROM turn z WHERE z.t = x.t AND z.seq > x.seq)));

-- One row for each run of a clock.
CREATE TEMP TABLE run AS
    SELECT t, 'first_response' AS clock, opened_at AS since, opened_at + 900 AS due,
        CASE WHEN channel IN ('phone', 'walk_in') THEN opened_at ELSE (SELECT min(c.at) FROM ev c WHERE c.t = tk.t
            AND (c.kind IN ('promised', 'followed_up', 'declined')
            OR (c.kind = 'progressed' AND json_extract(c.data, '$.told')))) END AS met FROM tk
    UNION ALL SELECT t, 'red_light', opened_at, opened_at + 7200 + coalesce((
            SELECT sum(min(coalesce((SELECT min(r.at) FROM ev r WHERE r.t = h.t AND r.seq > h.seq
                AND r.kind IN ('resumed', 'resolved')), 1 << 40), coalesce(tk.handled, 1 << 40)) - h.at)
            FROM ev h WHERE h.t = tk.t AND h.kind = 'paused' AND h.at < tk.opened_at + 7200
            AND h.at < coalesce(tk.handled, 1 << 40)), 0), handled
        FROM (SELECT *, (SELECT min(e.at) FROM ev e WHERE e.t = tk.t AND (e.kind IN ('accepted', 'arrived', 'task_done', 'resolved', 'closed')
            OR (e.kind = 'progressed' AND EXISTS (SELECT 1 FROM ev d WHERE d.t = e.t AND d.kind = 'dispatched' AND d.seq < e.seq))
            )) AS handled FROM tk) tk
    UNION ALL SELECT t, 'resolution', started, due, resolved FROM cycle
    UNION ALL SELECT t, 'on_site', opened_at, opened_at + 1800, coalesce(
            (SELECT min(at) FROM ev e WHERE e.t = tk.t AND e.kind = 'arrived'),
            (SELECT min(resolved) FROM cycle c WHERE c.t = tk.t)) FROM tk WHERE urgent
    UNION ALL SELECT t, 'repair', opened_at, opened_at + 1800, (SELECT min(resolved) FROM cycle c WHERE c.t = tk.t) FROM tk WHERE urgent
    UNION ALL SELECT t, 'task', at, due + coalesce((
            SELECT sum(min(coalesce((SELECT min(r.at) FROM ev r WHERE r.t = h.t AND r.seq > h.seq
                AND r.kind IN ('resumed', 'resolved')), 1 << 40), coalesce(d.met, 1 << 40)) - h.at)
            FROM ev h WHERE h.t = d.t AND h.kind = 'paused' AND h.at >= d.at AND h.at < d.due
            AND h.at < coalesce(d.met, 1 << 40)), 0), met
        FROM (SELECT e.t, e.at, json_extract(e.data, '$.due_at') AS due,
            (SELECT min(r.at) FROM ev r WHERE r.t = e.t AND r.seq > e.seq AND r.kind = 'resolved') AS met
            FROM ev e WHERE e.kind = 'dispatched') d
    UNION ALL SELECT c.t, 'follow_up', c.resolved, c.resolved + 86400, coalesce(
            (SELECT min(f.at) FROM ev f WHERE f.t = c.t AND f.kind = 'followed_up' AND f.at >= c.resolved),
            (SELECT max(f.at) FROM ev f WHERE f.t = c.t AND f.kind = 'declined' AND f.seq > c.seq),
            (SELECT max(f.at) FROM ev f WHERE f.t = c.t AND f.kind = 'closed' AND f.seq > c.seq))
        FROM cycle c WHERE c.until = 1 << 30 AND c.resolved IS NOT NULL
    UNION ALL SELECT s.t, 'acknowledge', s.at, s.at + CASE json_extract(s.data, '$.level') WHEN 1 THEN 600 WHEN 2 THEN 900 ELSE 1800 END,
        (SELECT min(a.at) FROM ev a WHERE a.t = s.t AND a.kind = 'acknowledged' AND a.seq > s.seq)
        FROM ev s WHERE s.kind = 'escalated';
CREATE TEMP TABLE outcome AS
SELECT r.t, r.clock, r.since, r.due, r.met,
    r.met >= m.start AND r.met < r.due AS in_time,
    r.met >= m.start AS met_now,
    r.due >= m.start AND r.due < m."end" AND NOT coalesce(r.met < r.due, 0)
        AND NOT (r.met IS NULL AND coalesce(tk.ended_at < r.due, 0)) AS late
FROM run r JOIN tk USING (t), month m WHERE tk.counts;
