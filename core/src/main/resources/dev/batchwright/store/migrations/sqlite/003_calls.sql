-- The item that answers a call. Its job is no foreign key: a call of a job that is gone is found out
-- when it is asked for, and its row goes when its time is over.
create table call (
    hash_high  integer not null,
    hash_low   integer not null,
    number     integer not null check (number >= 1),
    job_id     text    not null,
    seq        integer not null check (seq >= 1),
    kept_until integer not null,
    primary key (hash_high, hash_low, number)
) without rowid;
