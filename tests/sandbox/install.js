/**
 * The first step of every npm script, for a bare clone under whatever Node the machine has (20 or newer):
 * installs what the lockfile says when node_modules is not that, then runs its arguments with the Node
 * that is part of the project. Plain JavaScript without dependencies, since nothing may be installed yet.
 *
 *   node tests/sandbox/install.js [--with-browser] tests/run.ts --fast
 *   node tests/sandbox/install.js vite build
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'node_modules', '.bin');
const ownNode = join(bin, process.platform === 'win32' ? 'node.cmd' : 'node');

/**
 * @typedef {{ version?: string, optional?: boolean, link?: boolean }} Locked
 * @param {string} file
 * @returns {Record<string, Locked>}
 */
const packagesOf = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages;

/** npm notes in node_modules what it has installed, last of all: an interrupted installation has no note. */
function isInstalled() {
	const note = 'node_modules/.package-lock.json';
	if (!existsSync(join(root, note)) || !existsSync(ownNode)) return false;
	const locked = Object.entries(packagesOf('package-lock.json')).filter(([path]) => path !== '');
	const installed = packagesOf(note);
	return locked.every(([path, { version, optional }]) =>
		path in installed ? installed[path]?.version === version : optional === true,
	);
}

/** @param {string} sentence */
function giveUp(sentence) {
	console.error(`\n${sentence}`);
	process.exit(1);
}

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 20)
	giveUp(`This needs Node 20 or newer to begin with; here is ${process.versions.node}.`);

if (!isInstalled()) {
	console.log('Installing what package-lock.json says (once, a minute or two) …');
	// Not `npm ci`: it wants the lockfile to name the builds for every platform there is, and refuses it where a
	// registry did not have them all. This installs the same locked versions and leaves the lockfile alone.
	const words = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
	const npm = spawnSync('npm', words, {
		cwd: root,
		stdio: 'inherit',
		shell: process.platform === 'win32',
	});
	if (npm.status !== 0)
		giveUp(
			'The installation failed; npm says why above. A full disk or no way to the npm registry are the usual causes. Mend it and run the same command again.',
		);
	if (!existsSync(ownNode))
		giveUp(
			'npm left out the Node of this project: it was told not to run install scripts. Run `npm install --ignore-scripts=false`, then the same command again.',
		);
}

const wanted = process.argv.slice(2);
const path = `${bin}${delimiter}${process.env['PATH'] ?? ''}`;
const env = { ...process.env, PATH: path, DO_NOT_TRACK: '1' };

if (wanted[0] === '--with-browser') {
	wanted.shift();
	const browser = spawnSync(ownNode, [join(root, 'tests/sandbox/browser.js')], {
		cwd: root,
		env,
		stdio: 'inherit',
	});
	if (browser.status !== 0) process.exit(browser.status ?? 1);
}

const [first = '', ...rest] = wanted;
const child = /\.[jt]s$/.test(first)
	? spawn(ownNode, [join(root, first), ...rest], { cwd: root, env, stdio: 'inherit' })
	: spawn(join(bin, first), rest, { cwd: root, env, stdio: 'inherit' });
// Ctrl-C reaches the child by itself, being in the same group; what is sent to us alone is passed on.
process.on('SIGINT', () => {});
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP']))
	process.on(signal, () => child.kill(signal));
child.on('error', (error) => giveUp(String(error)));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
