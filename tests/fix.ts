/** `npm run fix`: what a machine can put right by itself. */
import { spawnSync } from 'node:child_process';

for (const command of [
	['eslint', '--fix', '.'],
	['prettier', '--write', '--log-level=warn', '.'],
]) {
	const [name = '', ...args] = command;
	const run = spawnSync(name, args, { stdio: 'inherit' });
	if (run.status !== 0) process.exitCode = 1;
}
