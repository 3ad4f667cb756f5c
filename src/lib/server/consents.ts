import { consentWordings, type ConsentPurpose } from '#domain/consent.ts';
import { consentsFor, type Engine } from '#domain/engine.ts';
import { dataOf } from './answer.ts';

/** What the person agrees to now, in the wordings in force, and since when (ISO time). */
export async function readConsents(
	supabase: App.Locals['supabase'],
): Promise<Map<ConsentPurpose, string>> {
	const records = dataOf(
		await supabase
			.from('consent_records')
			.select('purpose, version, granted_at')
			.is('withdrawn_at', null),
	);
	return new Map(
		records
			.filter((record) => record.version === consentWordings[record.purpose].version)
			.map((record) => [record.purpose, record.granted_at]),
	);
}

/** Whether everything that the engine needs has been agreed to. */
export async function hasConsentsFor(
	supabase: App.Locals['supabase'],
	engine: Engine,
): Promise<boolean> {
	const given = await readConsents(supabase);
	return consentsFor[engine].every((purpose) => given.has(purpose));
}
