export const handler = async () => {
  process.stdout.write('freescout-sweep was called\n');
};
