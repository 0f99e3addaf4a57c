# اس مشین کے پورٹس میں کیا خرابی ہے۔

doctor-title = تشخیص
doctor-about = اس مشین کے پورٹس میں کیا خرابی ہے، یہ کیسے معلوم ہوا، اور کیا کام آئے گا۔
doctor-healthy = صحت مند۔
doctor-unhealthy = صحت مند نہیں۔
doctor-errors = { $count ->
    [0] کوئی خرابی نہیں،
    [one] ایک خرابی،
   *[other] { $count } خرابیاں،
}
doctor-warnings = { $count ->
    [0] کوئی انتباہ نہیں،
    [one] ایک انتباہ،
   *[other] { $count } انتباہ،
}
doctor-notes = { $count ->
    [0] کوئی نوٹ نہیں۔
    [one] ایک نوٹ۔
   *[other] { $count } نوٹ۔
}
severity-error = خرابی
severity-warning = انتباہ
severity-note = نوٹ
doctor-evidence = یہ کیسے معلوم ہوا
doctor-why = اس کی اہمیت
doctor-fix = کیا کام آئے گا
doctor-price = اس کی قیمت
doctor-source = یہ کون کہتا ہے
doctor-again = دوبارہ دیکھیں
doctor-private = ریکارڈر اور پروسیسوں کی حدیں جو بتاتی ہیں وہ صرف اُس کے لیے ہے جو یہ صفحہ چلا رہا ہے، اس لیے یہاں چھوڑ دیا گیا۔
