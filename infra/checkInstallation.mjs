import { existsSync, readFileSync } from 'node:fs';

/*
 * Looks before everything else whether what `npm ci` brings is there: exit code 1 and one line on the standard error when it is not. It
 * is JavaScript and uses no package, because it runs on the machine's own Node.js where ours is missing.
 */
const root = new URL('../', import.meta.url);
const readJson = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8'));
const isInstalled = (name) => existsSync(new URL(`node_modules/${name}/package.json`, root));

/** Programs come in one package per platform, of which npm installs the one that fits. */
function programs(optionalDependencies = {}) {
  const platform = `/${process.platform}-${process.arch}`;
  return Object.keys(optionalDependencies).filter((name) => name.endsWith(platform));
}

function fault() {
  if (!existsSync(new URL('node_modules', root))) {
    return 'the packages are not installed. Run "npm ci" in the project\'s folder.';
  }
  const { dependencies, devDependencies, optionalDependencies } = readJson('package.json');
  const needed = [
    ...Object.keys({ ...dependencies, ...devDependencies }),
    // The only one of these is the stand-in for DynamoDB.
    ...(process.env.DYNAMODB_ENDPOINT ? [] : programs(optionalDependencies)),
    ...(isInstalled('esbuild')
      ? programs(readJson('node_modules/esbuild/package.json').optionalDependencies)
      : []),
  ];
  const missing = needed.filter((name) => !isInstalled(name));
  if (missing.length > 0) {
    const others = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
    return `packages are missing: ${missing.slice(0, 3).join(', ')}${others}. Run "npm ci --include=dev --include=optional" in the project's folder.`;
  }
  if (!process.features.typescript) {
    return `Node.js ${devDependencies.node} is missing, which npm downloads when install scripts are allowed, and the machine's own (${process.version}) is too old. Run "npm ci --ignore-scripts=false" in the project's folder.`;
  }
  return null;
}

const found = fault();
if (found !== null) {
  process.stderr.write(`Cannot start: ${found}\n`);
  process.exitCode = 1;
}
