#!/bin/sh
# Builds the chart library that the desk serves, from the versions that package-lock.json pins by their digests:
#   sh mes/core/desk/charts/build.sh
# Needs Node 20 or later with npm. Writes mes/core/static/vendor/echarts/: the bundle, the licences of what is in it, and
# SHA256SUMS, which a test compares with the files. The same versions give the same bytes.
set -eu
cd "$(dirname "$0")"
out=../../static/vendor/echarts

version() { node -p "require('./node_modules/$1/package.json').version"; }

npm ci --silent
banner="/* Apache ECharts $(version echarts) with zrender $(version zrender) and tslib $(version tslib): licences beside this file. */"
mkdir -p "$out"
./node_modules/.bin/esbuild library.js --bundle --format=esm --minify --target=es2020 --charset=utf8 \
  --define:process.env.NODE_ENV='"production"' --legal-comments=none --banner:js="$banner" --outfile="$out/echarts.js"
cp node_modules/echarts/LICENSE "$out/LICENSE"
cp node_modules/echarts/NOTICE "$out/NOTICE"
cp node_modules/zrender/LICENSE "$out/LICENSE-zrender"
cp node_modules/tslib/LICENSE.txt "$out/LICENSE-tslib"
cd "$out"
sha256sum echarts.js LICENSE LICENSE-tslib LICENSE-zrender NOTICE > SHA256SUMS
