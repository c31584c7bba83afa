-- What an owner may spend, and has spent since the cap was set, or in the day or month that began
-- then. Without a cap it is counted on.
create table account (
    owner text   primary key,
    cap   integer check (cap >= 0),
    per   text   not null check (per in ('total', 'day', 'month')),
    since integer not null,
    spent integer not null check (spent >= 0)
);

-- Set aside for calls that are made, or were and have no indexed outcome: indexing takes what an
-- outcome has cost out of it. What is left when the worker has gone may have been paid for.
alter table worker add column held integer not null default 0 check (held >= 0);

-- What calls and batches may have cost that nobody saw the outcome of.
alter table job add column presumed integer not null default 0 check (presumed >= 0);
