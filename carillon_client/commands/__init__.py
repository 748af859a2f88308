"""What is typed: `carillon tail`, `carillon inbox`, `carillon mcp`."""
