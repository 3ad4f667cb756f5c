-- Provenance: which bytes left us as marked portraits, for everybody to ask about, and of whom they are for nobody.

create table public.provenance_marks (
	sha256 public.sha256 primary key,
	marked_at timestamptz not null
);
comment on table public.provenance_marks is
	'Hash of every delivered file, portrait or thumbnail, as it was marked. It names nobody, and goes with its portrait.';

alter table public.provenance_marks enable row level security;
grant select (sha256) on public.provenance_marks to anon, authenticated;
create policy provenance_marks_select_all on public.provenance_marks for select to anon, authenticated
	using (true);

-- Runs as its owner: the person who deletes a portrait has no rights on this table.
create function private.follow_headshot()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	if tg_op = 'INSERT' then
		insert into public.provenance_marks (sha256, marked_at)
		values (new.sha256, new.created_at), (new.thumbnail_sha256, new.created_at)
		on conflict (sha256) do nothing;
	elsif tg_op = 'DELETE' or new.deleted_at is not null then
		delete from public.provenance_marks where sha256 in (old.sha256, old.thumbnail_sha256);
	end if;
	return null;
end $$;
comment on function private.follow_headshot is
	'Notes the hashes of what is delivered, and takes them out as soon as its portrait is deleted or erased.';

create trigger provenance_follows_headshots
	after insert or delete or update of deleted_at on public.headshots
	for each row execute function private.follow_headshot();
