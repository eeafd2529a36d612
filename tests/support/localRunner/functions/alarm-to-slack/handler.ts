export const handler = async () => {
  process.stdout.write('alarm-to-slack was called\n');
};
