/**
 * The layout of `cache.db`. Tables are ours and may change with the schema version; the views are what other
 * programs may rely on (docs/cache.md).
 */

/** "pipe" in ASCII: distinguishes our files from other SQLite databases. */
export const APPLICATION_ID = 0x70697065;

/** Step `i` brings a file from version `i` to `i + 1`. Steps that were released are never edited. */
export const MIGRATIONS: readonly string[] = [
  `
  -- Byte strings. Chunks keep every single value small, so that reading and writing need no giant buffers in SQLite.
  CREATE TABLE blob (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    bytes INTEGER NOT NULL,
    -- When it was last put, in ms since 1970: what was put a moment ago is not garbage, its result is on the way.
    touched_ms INTEGER NOT NULL
  );
  CREATE TABLE chunk (
    blob INTEGER NOT NULL REFERENCES blob (id) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (blob, part)
  );

  CREATE TABLE manifest (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    json TEXT NOT NULL,
    touched_ms INTEGER NOT NULL
  );
  CREATE TABLE manifest_blob (
    manifest INTEGER NOT NULL REFERENCES manifest (id) ON DELETE CASCADE,
    blob TEXT NOT NULL REFERENCES blob (digest),
    PRIMARY KEY (manifest, blob)
  ) WITHOUT ROWID;
  CREATE INDEX manifest_blob_by_blob ON manifest_blob (blob);

  -- Kept apart from results, so that a rerun is explained even after its result was collected.
  CREATE TABLE fingerprint (
    digest TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    parts TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE result (
    fingerprint TEXT PRIMARY KEY REFERENCES fingerprint (digest),
    duration_ms REAL NOT NULL,
    touched_ms INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE output (
    fingerprint TEXT NOT NULL REFERENCES result (fingerprint) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    manifest TEXT NOT NULL REFERENCES manifest (digest),
    bytes INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, position)
  ) WITHOUT ROWID;
  CREATE INDEX output_by_manifest ON output (manifest);
  CREATE TABLE label (
    pipeline TEXT NOT NULL,
    stage TEXT NOT NULL,
    fingerprint TEXT NOT NULL REFERENCES fingerprint (digest),
    PRIMARY KEY (pipeline, stage)
  ) WITHOUT ROWID;
  CREATE INDEX label_by_fingerprint ON label (fingerprint);

  CREATE TABLE history_row (
    manifest INTEGER NOT NULL REFERENCES manifest (id) ON DELETE CASCADE,
    split TEXT NOT NULL,
    metric TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    value REAL,
    PRIMARY KEY (manifest, split, metric, epoch)
  ) WITHOUT ROWID;
  CREATE TABLE metric_row (
    manifest INTEGER NOT NULL REFERENCES manifest (id) ON DELETE CASCADE,
    split TEXT NOT NULL,
    metric TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (manifest, split, metric)
  ) WITHOUT ROWID;

  -- The record is the one source of truth; columns and views are read out of it.
  CREATE TABLE run (
    id TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    started_at TEXT GENERATED ALWAYS AS (json_extract(record, '$.startedAt')) VIRTUAL
  );
  CREATE INDEX run_by_start ON run (started_at);

  CREATE TABLE file_digest (
    path TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ino INTEGER NOT NULL,
    digest TEXT NOT NULL
  ) WITHOUT ROWID;

  CREATE VIEW runs AS
    SELECT id AS run,
           json_extract(record, '$.experiment') AS experiment,
           json_extract(record, '$.status') AS status,
           started_at,
           json_extract(record, '$.durationMs') AS duration_ms,
           json_extract(record, '$.report') AS report
    FROM run;
  CREATE VIEW variants AS
    SELECT run.id AS run,
           v.key AS position,
           json_extract(v.value, '$.name') AS variant,
           json_extract(v.value, '$.status') AS status,
           json_extract(v.value, '$.params') AS params
    FROM run, json_each(run.record, '$.variants') v;
  CREATE VIEW stages AS
    SELECT run.id AS run,
           json_extract(v.value, '$.name') AS variant,
           s.key AS position,
           json_extract(s.value, '$.name') AS stage,
           json_extract(s.value, '$.kind') AS kind,
           json_extract(s.value, '$.status') AS status,
           json_extract(s.value, '$.fingerprint') AS fingerprint,
           json_extract(s.value, '$.durationMs') AS duration_ms,
           json_extract(s.value, '$.reason') AS reason
    FROM run, json_each(run.record, '$.variants') v, json_each(v.value, '$.stages') s;
  CREATE VIEW outputs AS
    SELECT run.id AS run,
           json_extract(v.value, '$.name') AS variant,
           json_extract(s.value, '$.name') AS stage,
           json_extract(o.value, '$.name') AS output,
           json_extract(o.value, '$.kind') AS kind,
           json_extract(o.value, '$.digest') AS digest,
           json_extract(o.value, '$.bytes') AS bytes
    FROM run, json_each(run.record, '$.variants') v, json_each(v.value, '$.stages') s,
         json_each(s.value, '$.outputs') o;
  CREATE VIEW history AS
    SELECT outputs.run, outputs.variant, outputs.stage, h.split, h.epoch, h.metric, h.value
    FROM outputs JOIN manifest ON manifest.digest = outputs.digest JOIN history_row h ON h.manifest = manifest.id;
  CREATE VIEW metrics AS
    SELECT outputs.run, outputs.variant, outputs.stage, m.split, m.metric, m.value
    FROM outputs JOIN manifest ON manifest.digest = outputs.digest JOIN metric_row m ON m.manifest = manifest.id;
  CREATE VIEW fingerprints AS
    SELECT digest AS fingerprint, kind, parts, digest IN (SELECT fingerprint FROM result) AS stored
    FROM fingerprint;
  CREATE VIEW last_used AS
    SELECT pipeline, stage, fingerprint FROM label;
  `,
  `
  -- Only a memory of what was hashed: files are hashed once more.
  DROP TABLE file_digest;
  CREATE TABLE file_digest (
    path TEXT PRIMARY KEY,
    dev INTEGER NOT NULL,
    ino INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    digest TEXT NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  -- A training that failed or was stopped left no artifact; the record has the epochs that it came to.
  DROP VIEW history;
  CREATE VIEW history AS
    SELECT outputs.run, outputs.variant, outputs.stage, h.split, h.epoch, h.metric, h.value
    FROM outputs JOIN manifest ON manifest.digest = outputs.digest JOIN history_row h ON h.manifest = manifest.id
    UNION ALL
    SELECT run.id, variant.key,
           (SELECT stages.stage FROM stages
            WHERE stages.run = run.id AND stages.variant = variant.key AND stages.kind = 'train'
              AND stages.status IN ('failed', 'interrupted', 'running')
            ORDER BY stages.position LIMIT 1),
           split.key, epoch.key + 1, metric.key, metric.value
    FROM run, json_each(run.record, '$.context.variants') variant,
         json_each(variant.value, '$.partialHistory') epoch, json_each(epoch.value) split, json_each(split.value) metric;
  `,
  `
  -- Of every such training, as far as it came; the record says which stage it is, where it did not use to.
  DROP VIEW history;
  CREATE VIEW history AS
    SELECT outputs.run, outputs.variant, outputs.stage, h.split, h.epoch, h.metric, h.value
    FROM outputs JOIN manifest ON manifest.digest = outputs.digest JOIN history_row h ON h.manifest = manifest.id
    UNION ALL
    SELECT run.id, variant.key, stage.key, split.key, epoch.key + 1, metric.key, metric.value
    FROM run, json_each(run.record, '$.context.variants') variant, json_each(variant.value, '$.stages') stage,
         json_each(stage.value, '$.partialHistory') epoch, json_each(epoch.value) split, json_each(split.value) metric
    UNION ALL
    SELECT run.id, variant.key,
           coalesce(json_extract(variant.value, '$.partialStage'),
             (SELECT stages.stage FROM stages
              WHERE stages.run = run.id AND stages.variant = variant.key AND stages.kind = 'train'
                AND stages.status IN ('failed', 'interrupted', 'running')
              ORDER BY stages.position LIMIT 1)),
           split.key, epoch.key + 1, metric.key, metric.value
    FROM run, json_each(run.record, '$.context.variants') variant,
         json_each(variant.value, '$.partialHistory') epoch, json_each(epoch.value) split, json_each(split.value) metric;
  `,
];
