begin;
set local search_path = extensions, tests, public;
select no_plan();

select matches(col_description('public.photos'::regclass, attnum), '^\[portraits\]', 'a photo is for portraits')
from pg_attribute where attrelid = 'public.photos'::regclass and attname = 'sha256';
select matches(col_description('public.generations'::regclass, attnum), '^\[\w+\]', 'what was said of a column before is still said')
from pg_attribute where attrelid = 'public.generations'::regclass and attname = 'failure';
select isnt_empty($$select from pg_attribute where attrelid = 'public.trainings'::regclass and attname = 'trigger_phrase'
	and col_description(attrelid, attnum) = '[portraits] A word that means nothing, until the lora makes it mean this person.'$$,
	'after its purpose');

select * from finish();
rollback;
