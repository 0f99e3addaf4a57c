# پورٹ کے صفحے کے عنوانات اور لیبل۔

what-heading = یہ کیا ہے
how-heading = یہ کیسے کام کرتا ہے
why-heading = غیر تفویض شدہ پورٹس کی اہمیت
check-heading = کیسے جانچیں
neighbours-heading = پڑوسی پورٹس
sources-heading = حوالے

port-heading-proto = پورٹ { $port }، { $proto }
port-protos-label = پروٹوکول
port-proto-all = سب پروٹوکول

fact-territory = علاقہ
fact-territory-system = سسٹم پورٹس { $range }
fact-territory-user = یوزر پورٹس { $range }
fact-territory-dynamic = ڈائنیمک پورٹس { $range }
fact-assigned = کس کے نام ہے
fact-assigned-none = کسی کے نہیں
fact-assigned-reserved = کسی کے نہیں: IANA نے محفوظ رکھا ہے
fact-unofficial = غیر سرکاری استعمال
fact-host = یہ مشین
fact-host-inside = عارضی پورٹس کی حد { $range } کے اندر
fact-host-reserved = عارضی پورٹس کی حد { $range } کے اندر، مگر محفوظ
fact-host-outside = عارضی پورٹس کی حد { $range } سے باہر
fact-host-unknown = معلوم نہیں
fact-elsewhere = دوسرے سسٹموں پر عارضی
fact-elsewhere-some = { $systems }
fact-elsewhere-none = کسی عام سسٹم پر نہیں
fact-privilege = بائنڈ کرنے کا اختیار
fact-privilege-yes = درکار ہے، { $start } سے نیچے
fact-privilege-no = درکار نہیں

neighbours-below = نیچے قریب ترین تفویض شدہ پورٹ
neighbours-above = اوپر قریب ترین تفویض شدہ پورٹ
neighbours-none-below = اس سے نیچے کوئی پورٹ تفویض شدہ نہیں۔
neighbours-none-above = اس سے اوپر کوئی پورٹ تفویض شدہ نہیں۔
neighbours-previous = پورٹ { $port }
neighbours-next = پورٹ { $port }

sources-manual = دستی صفحات: { $pages }

copy-button = نقل کریں
copy-done = نقل ہو گیا
check-prints = اس وقت یہاں یہ چھپتا ہے
check-prints-nothing = اس وقت یہاں کچھ نہیں چھپتا۔
check-example = اسی ٹول کے انداز میں ایک مثال، اس مشین کے اصل ساکٹس سے بنائی گئی
check-example-nothing = اس وقت اس مشین کا کوئی ساکٹ اس میں نہ ہوتا۔

missing-title = ایسا کوئی پورٹ نہیں
missing-number = { $read } کوئی پورٹ نہیں: پورٹ 0 سے 65535 تک ہوتے ہیں۔
missing-name = ”{ $read }“ نام کی کوئی چیز نہیں: نہ پورٹ، نہ IANA کی رجسٹری کی کوئی سروس۔
missing-proto = ”{ $read }“ پورٹس والا پروٹوکول نہیں: پروٹوکول TCP،‏ UDP،‏ SCTP اور DCCP ہیں۔
missing-page = یہاں { $read } نام کا کوئی صفحہ نہیں۔
missing-nothing = یہاں کچھ نہیں
missing-guess = کیا آپ کی مراد ان میں سے کوئی تھی؟
missing-search = یا کوئی نمبر، نام یا لفظ تلاش کریں۔
missing-cut = { $port }، آخری ہندسے کے بغیر
missing-wrapped = { $port }، سولہ بٹ میں جو بچتا ہے
missing-last = { $port }، سب سے بڑا پورٹ
