"""What is looked for in fixture files beyond mistakes: stubs that can never match, names that nothing has, workers."""
