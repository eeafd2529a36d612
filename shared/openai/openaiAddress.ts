/** Where OpenAI itself answers. Not left to OPENAI_BASE_URL, which would send the mails elsewhere. */
export const openaiAddress = 'https://api.openai.com/v1';
