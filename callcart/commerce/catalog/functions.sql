-- A name a letter away is found too.
SELECT core_make_resemble('catalog_variant');
