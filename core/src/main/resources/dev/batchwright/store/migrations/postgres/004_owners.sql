alter table job add column owner text not null default '';
create index job_by_owner on job (owner, created_at);

-- A gathered job takes its items one by one, from callers who wait for each. As long as somebody may
-- add to it, it has a gatherer; its blocks say what of it is durable.
alter table job add column gathered bigint not null default 0 check (gathered in (0, 1));
alter table job add column gatherer text;
create index job_gathered on job (state, created_at) where gathered = 1;
create index job_gathering on job (gatherer) where gatherer is not null;

-- Of what is asked, where the key of a call is made of something else.
alter table call add column asked bigint not null default 0;
create index call_by_job on call (job_id, seq);
