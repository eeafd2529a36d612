export const handler = async () => {
  process.stdout.write('follow-ups was called\n');
};
