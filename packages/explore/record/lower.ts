/** TypeScript to the JavaScript that the printer takes: no types, no `?.`, no `??`, no logical assignments. */
import { transform } from 'esbuild';

export async function lower(source: string, file: string): Promise<string> {
  const { code } = await transform(source, {
    loader: 'ts',
    sourcefile: file,
    target: 'es2022',
    supported: { 'optional-chain': false, 'nullish-coalescing': false, 'logical-assignment': false },
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return code;
}
