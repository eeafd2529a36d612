export const handler = async () => {
  process.stdout.write('conversation-worker was called\n');
};
