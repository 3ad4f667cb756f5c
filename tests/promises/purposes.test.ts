import { expect, test } from 'vitest';
import { dataCategories } from '#domain/privacy/categories.ts';
import { purposes } from '#domain/privacy/purposes.ts';
import { mailTemplates } from '#domain/mail.ts';
import { purposesOf } from '../sql/purposes.ts';
import { aPerson } from '../flow/world.ts';
import { theStack } from './world.ts';

const stack = theStack();

test('P-09 · Every column about a person names one of five purposes, and the page names the same five', async () => {
	const tagged = await purposesOf(stack.sql);
	const about = new Set(dataCategories.flatMap(({ tables }): readonly string[] => tables));
	const personal = tagged.filter(({ holder }) => about.has(holder));
	expect(personal.length).toBeGreaterThan(150);
	expect(personal.filter(({ purpose }) => purpose === null || !(purpose in purposes))).toEqual([]);
	expect(Object.keys(purposes)).toHaveLength(5);
	const page = await (await fetch(`${stack.urls.app}/privacy/record`)).text();
	for (const words of Object.values(purposes)) expect(page).toContain(words);
});

test('P-11 · We write about account and service only: there is no mail of any other kind', async () => {
	const person = await aPerson(stack);
	for (const template of ['newsletter', 'marketing', 'offer'])
		await expect(
			stack.sql`insert into private.mails (owner_id, key, template, data)
				values (${person.id}, ${`${template}:1`}, ${template}, '{}')`,
		).rejects.toThrow('mails_are_about_the_service_only');
	const [rule] = await stack.sql<{ text: string }[]>`
		select pg_get_constraintdef(oid) as text from pg_constraint
		where conname = 'mails_are_about_the_service_only'`;
	const allowed = [...(rule?.text ?? '').matchAll(/'(\w+)'/g)].map(([, name]) => name ?? '');
	expect(allowed.filter((name) => !mailTemplates.some((known) => known === name))).toEqual([]);
});
