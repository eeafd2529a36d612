export const handler = async () => {
  process.stdout.write('gmail-poll was called\n');
};
