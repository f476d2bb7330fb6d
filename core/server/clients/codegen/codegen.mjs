// What graphql-codegen is told: the client preset with persisted documents, over
// the schema that the server serves as a file.
export default {
  schema: 'schema.graphql',
  documents: 'src/**/*.ts',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { persistedDocuments: { hashAlgorithm: 'sha256' }, fragmentMasking: { unmaskFunctionName: 'read' } },
      config: {
        documentMode: 'string',
        scalars: { Time: 'string', Cursor: 'string', BigInt: 'string' },
        strictScalars: true,
        enumsAsTypes: true,
        useTypeImports: true,
      },
    },
  },
};
