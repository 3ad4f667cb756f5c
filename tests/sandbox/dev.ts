/** `npm run dev`: the whole product on this machine. One line for each part, then the one address to open. */
import { parseArgs } from 'node:util';
import { defaultProfile } from '#domain/profile.ts';
import { startStack, type Stack } from './stack.ts';
import { sentenceFor } from './trouble.ts';

function asked() {
	try {
		const { fresh, profile } = parseArgs({
			options: { fresh: { type: 'boolean' }, profile: { type: 'string' } },
		}).values;
		return { isFresh: fresh ?? false, profile: profile ?? defaultProfile };
	} catch {
		console.error(
			`Unknown: ${process.argv.slice(2).join(' ')}. There is \`npm run dev -- --fresh\`, to start over, and \`npm run dev -- --profile headshotr\`, for the other system.`,
		);
		process.exit(1);
	}
}

const { isFresh, profile } = asked();

let starting: Promise<Stack> | undefined;
let isEnding = false;

async function end(code: number): Promise<never> {
	// A second Ctrl-C does not wait for anyone.
	if (isEnding) process.exit(1);
	isEnding = true;
	await starting?.then(
		(stack) => stack.stop(),
		() => undefined,
	);
	process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
	process.on(signal, () => {
		console.log('\nEnding the sandbox …');
		void end(0);
	});

try {
	console.log(isFresh ? 'Starting the sandbox over …' : 'Starting the sandbox …');
	starting = startStack({
		profile,
		web: 'dev',
		fresh: isFresh,
		onReady: (part, address) => console.log(`  ${part.padEnd(15)} ${address}`),
		onDeath: (sentence) => {
			if (isEnding) return;
			console.error(`\n${sentence}\n\nEnding the sandbox …`);
			void end(1);
		},
	});
	const { urls } = await starting;
	console.log(`\n  Open  ${urls.app}`);
	console.log(`  Sandbox: mails, payments, trainings, sample photos  ${urls.page}`);
	console.log(
		'\n  Ctrl-C ends everything. What you did is kept; `npm run dev -- --fresh` starts over.',
	);
} catch (error) {
	const sentence = sentenceFor(error);
	if (sentence === undefined) throw error;
	console.error(`\n${sentence}`);
	process.exit(1);
}
