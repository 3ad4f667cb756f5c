/** The words that explain a copy: a JSON schema made of the tables' own columns, and a README. */
import { dataCategories } from './categories.ts';
import { exportFormat, exportVersion, type HeldColumn, type HeldData } from './held-data.ts';

/** JSON Schema 2020-12 of `data.json`: every table with its columns, their types and what they mean. */
export function exportSchema({ columns }: Pick<HeldData, 'columns'>): object {
	const text = { type: 'string' };
	const tables = Object.fromEntries(
		Object.entries(columns).map(([table, all]) => [table, { type: 'array', items: rowOf(all) }]),
	);
	const file = {
		type: 'object',
		required: ['path', 'bucket', 'bytes', 'sha256'],
		properties: {
			path: { ...text, description: 'Where it lies in this archive.' },
			bucket: text,
			bytes: { type: ['integer', 'null'] },
			sha256: { type: ['string', 'null'], description: 'As it was when it was stored.' },
		},
	};
	return {
		$schema: 'https://json-schema.org/draft/2020-12/schema',
		title: 'Everything that is held about one account',
		type: 'object',
		required: ['format', 'version', 'made_at', 'account', 'categories'],
		additionalProperties: false,
		properties: {
			format: { const: exportFormat },
			version: { const: exportVersion },
			made_at: { ...text, format: 'date-time' },
			account: { ...text, format: 'uuid' },
			categories: {
				type: 'array',
				items: {
					type: 'object',
					required: ['id', 'what', 'why', 'kept', 'tables', 'files'],
					additionalProperties: false,
					properties: {
						id: { enum: [...dataCategories.map(({ id }) => id), 'more'] },
						what: { ...text, description: 'The heading.' },
						why: { ...text, description: 'What it is for.' },
						kept: { ...text, description: 'How long.' },
						tables: { type: 'object', additionalProperties: false, properties: tables },
						files: { type: 'array', items: file },
					},
				},
			},
		},
	};
}

function rowOf(columns: readonly HeldColumn[]): object {
	return {
		type: 'object',
		additionalProperties: false,
		required: columns.map(({ name }) => name),
		properties: Object.fromEntries(columns.map((column) => [column.name, propertyOf(column)])),
	};
}

function propertyOf({ type, is_nullable, comment }: HeldColumn): object {
	const described = comment === null ? {} : { description: comment };
	const kind = jsonType(type);
	if (kind === null) return described;
	const { format } = kind;
	return {
		type: is_nullable ? [kind.type, 'null'] : kind.type,
		...(format === undefined ? {} : { format }),
		...described,
	};
}

/** How Postgres writes a type in JSON; null: anything, as `jsonb` holds it. */
function jsonType(type: string): { type: string; format?: string } | null {
	if (type.endsWith('[]')) return { type: 'array' };
	switch (type) {
		case 'json':
		case 'jsonb':
			return null;
		case 'boolean':
			return { type };
		case 'smallint':
		case 'integer':
		case 'bigint':
			return { type: 'integer' };
		case 'numeric':
		case 'real':
		case 'double precision':
			return { type: 'number' };
		case 'uuid':
			return { type: 'string', format: 'uuid' };
		default:
			return { type: 'string' };
	}
}

export const exportReadme = (madeAt: Date, contact: string): string => `# Your data

Made on ${madeAt.toISOString()}.

data.json     every row that is held about you, under the headings of the privacy policy:
              what it is, what for, how long, then the rows by table and the files
schema.json   what each field of data.json is (JSON Schema 2020-12)
checked.json  every file of this archive with its SHA-256, and whether that is still
              the one that was noted when it was stored

photos/       the photos you uploaded, as your browser prepared them
datasets/     the archive that your model is trained from, while there is one
loras/        the weights of your private model (safetensors)
headshots/    your portraits, and a thumbnail of each

Times are in UTC (ISO 8601). Amounts are in cents. Not in here: passwords and sign-in tokens,
which would let whoever finds this archive into your account.

Questions: ${contact}
`;
