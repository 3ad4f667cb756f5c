/** What can be changed of a portrait that is there: a closed list, because no words of a person reach a model. */

export const editKinds = ['backdrop', 'outfit', 'wider', 'glare', 'hair'] as const;

export type EditKind = (typeof editKinds)[number];

/** Mirror of the SQL type `edit_kind`. `needsStyle`: the new backdrop or outfit is that of a style. */
export const edits = {
	backdrop: { name: 'Other backdrop', needsStyle: true },
	outfit: { name: 'Other outfit', needsStyle: true },
	wider: { name: 'Wider crop', needsStyle: false },
	glare: { name: 'No glare on the glasses', needsStyle: false },
	hair: { name: 'Tidy hair', needsStyle: false },
} as const satisfies Record<EditKind, { name: string; needsStyle: boolean }>;
