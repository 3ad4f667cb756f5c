export type Letter = {
	subject: string;
	paragraphs: string[];
	link: { label: string; url: string };
};
