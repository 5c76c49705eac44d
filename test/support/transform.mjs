import { transform, transformSync } from 'esbuild';

const options = (file) => ({ loader: 'ts', format: 'esm', target: 'node20', sourcefile: file, sourcemap: 'inline' });

export default {
  process: (source, file) => transformSync(source, options(file)),
  processAsync: (source, file) => transform(source, options(file)),
};
