"""The benchmark's parks: whole orders, formed and cut on machines of one firm, made by the home firm or another."""
